/* ordersctl: the first admin, products, checks and repairs, straight on the database. */
#include "ctl.h"

#include <apr_general.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const ctl_option no_options[] = {{NULL, NULL, NULL, false}};

static const ctl_option user_add_options[] = {
    {"email", "E", "e-mail address; stored lower-cased", true},
    {"name", "N", "1 to 200 characters", true},
    {"role", "R", "customer or admin", true},
    {"password-stdin", NULL, "read the password from the first line of standard input", true},
    {NULL, NULL, NULL, false}};

static const ctl_option user_role_options[] = {
    {"email", "E", "whose role", true}, {"role", "R", "customer or admin", true}, {NULL, NULL, NULL, false}};

static const ctl_option user_password_options[] = {
    {"email", "E", "whose password", true},
    {"password-stdin", NULL, "read the password from the first line of standard input", true},
    {NULL, NULL, NULL, false}};

static const ctl_option user_list_options[] = {{"email", "PREFIX", "only addresses that start so", false},
                                               {NULL, NULL, NULL, false}};

static const ctl_option product_add_options[] = {{"name", "N", "1 to 200 characters", true},
                                                 {"price", "P", "in major units of the currency, e.g. 9.99", true},
                                                 {"stock", "S", "units on hand, 0 to 1000000000", true},
                                                 {"sku", "X", "article number, at most 200 characters", false},
                                                 {"inactive", NULL, "not for sale yet", false},
                                                 {NULL, NULL, NULL, false}};

static const ctl_option seed_demo_options[] = {
    {"force", NULL, "even though there are products already", false},
    {"password-stdin", NULL, "the demo customers' password; without it one is made up and printed", false},
    {NULL, NULL, NULL, false}};

static const ctl_option watch_options[] = {
    {"url", "URL", "the shop: http://…, https://…, or unix:PATH of the bridge's socket; default: this machine, PORT",
     false},
    {"email", "E", "sign in as this user", false},
    {"password-stdin", NULL, "with the password in the first line of standard input", false},
    {"token-stdin", NULL, "or: a session token is the first line of standard input", false},
    {"count", "N", "end after so many events", false},
    {NULL, NULL, NULL, false}};

const ctl_option ctl_common_options[] = {
    {"uri", "URI", "the database's connection string", false},
    {"currency", "CODE", "the shop's currency (ISO 4217); default: CURRENCY, else USD", false},
    {"json", NULL, "machine-readable output; errors too", false},
    {"help", NULL, "this text", false},
    {"version", NULL, "the version", false},
    {NULL, NULL, NULL, false}};

const ctl_command ctl_commands[] = {
    {"user", "add", "add a user", "Passwords have at least 8 characters and at most 72 bytes.", user_add_options,
     ctl_user_add},
    {"user", "role", "change a user's role; ends the user's sessions", NULL, user_role_options, ctl_user_role},
    {"user", "password", "set a user's password; ends the user's sessions",
     "Passwords have at least 8 characters and at most 72 bytes.", user_password_options, ctl_user_password},
    {"user", "list", "list users", NULL, user_list_options, ctl_user_list},
    {"product", "add", "add a product", NULL, product_add_options, ctl_product_add},
    {"check", NULL, "compare stock with the open orders; exit 1 and a list when they disagree",
     "Every product's `reserved` must be the sum of its quantities in pending and processing orders, no stock may be\n"
     "negative, and every order's history and total must fit the order. Safe while the shop is running.",
     no_options, ctl_check},
    {"repair", NULL, "set `reserved` from the open orders; make missing indexes",
     "Stock is left alone: only a count of the shelves can tell it. What else `check` finds is left to a person.",
     no_options, ctl_repair},
    {"seed-demo", NULL, "fill an empty database with a small demo shop",
     "Refuses when there are products already, unless --force is given.", seed_demo_options, ctl_seed_demo},
    {"watch", NULL, "print live events, one a line, until Ctrl-C",
     "Shows what the user may see: customers their own orders, admins all, everybody the stock. It reconnects by "
     "itself and\n"
     "goes on where it was. With --json each line is the event as it came, or the reset that says that events were "
     "missed.",
     watch_options, ctl_watch},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

#define OPTIONS_MAX 24

/* Appends a table to getopt's; the option's place in the whole becomes its value. */
static int add_options(const ctl_option *table, const ctl_option **rows, struct option *options, int count)
{
    for (; table->name && count < OPTIONS_MAX; table++, count++) {
        rows[count] = table;
        options[count] = (struct option){table->name, table->value ? required_argument : no_argument, NULL, 0};
    }
    options[count] = (struct option){NULL, 0, NULL, 0};
    return count;
}

/* Reads options into ctl->options. `first_word`: stop at the first word that is none. */
static int read_options(ctl_t *ctl, int argc, char **argv, const ctl_option *table, bool first_word)
{
    const ctl_option *rows[OPTIONS_MAX + 1];
    struct option options[OPTIONS_MAX + 1];
    int index, got, count = add_options(ctl_common_options, rows, options, 0);
    add_options(table, rows, options, count);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while ((got = getopt_long(argc, argv, first_word ? "+:h" : ":h", options, &index)) != -1) {
        if (got == ':')
            return ctl_fail(ctl, CTL_USAGE, "usage", "%s needs a value.", argv[optind - 1]);
        if (got == '?')
            return ctl_fail(ctl, CTL_USAGE, "usage", "there is no option '%s' here; try --help.", argv[optind - 1]);
        apr_table_set(ctl->options, got == 'h' ? "help" : rows[index]->name, optarg ? optarg : "");
        ctl->json = ctl_option_value(ctl, "json") != NULL;
    }
    return CTL_OK;
}

/* The command that argv[0] (and argv[1]) name; *words says how many. */
static const ctl_command *find_command(int argc, char **argv, int *words)
{
    for (const ctl_command *command = ctl_commands; command->group; command++) {
        *words = command->verb ? 2 : 1;
        if (argc >= *words && strcmp(argv[0], command->group) == 0 &&
            (!command->verb || strcmp(argv[1], command->verb) == 0))
            return command;
    }
    return NULL;
}

static int check_required(const ctl_t *ctl, const ctl_command *command)
{
    for (const ctl_option *row = command->options; row->name; row++) {
        if (row->required && !ctl_option_value(ctl, row->name))
            return ctl_fail(ctl, CTL_USAGE, "usage", "--%s is required (%s); try --help.", row->name, row->help);
    }
    return CTL_OK;
}

static int run_command(ctl_t *ctl, const ctl_command *command, int argc, char **argv)
{
    int failed = read_options(ctl, argc, argv, command->options, false);
    if (failed)
        return failed;
    if (ctl_option_value(ctl, "help")) {
        ctl_command_help(command);
        return CTL_OK;
    }
    if (optind < argc)
        return ctl_fail(ctl, CTL_USAGE, "usage", "unexpected argument '%s'; try --help.", argv[optind]);
    failed = check_required(ctl, command);
    return failed ? failed : command->run(ctl);
}

static int run(ctl_t *ctl, int argc, char **argv)
{
    int words, failed = read_options(ctl, argc, argv, no_options, true);
    if (failed)
        return failed;
    if (ctl_option_value(ctl, "version")) {
        printf("ordersctl %s\n", ORDERSCTL_VERSION);
        return CTL_OK;
    }
    int at = optind;
    const ctl_command *command = find_command(argc - at, argv + at, &words);
    /* getopt takes the word before the options for the program's name: the command's last word will do. */
    if (command)
        return run_command(ctl, command, argc - at - words + 1, argv + at + words - 1);
    if (ctl_option_value(ctl, "help") || (at + 1 < argc && strcmp(argv[at + 1], "--help") == 0)) {
        ctl_help();
        return CTL_OK;
    }
    if (at == argc)
        return ctl_fail(ctl, CTL_USAGE, "usage", "a command is needed; try --help.");
    return ctl_fail(ctl, CTL_USAGE, "usage",
                    "there is no command '%s%s%s'; there are: user add, user role, user password, user list, "
                    "product add, check, repair, seed-demo, watch.",
                    argv[at], at + 1 < argc ? " " : "", at + 1 < argc ? argv[at + 1] : "");
}

int main(int argc, char **argv)
{
    ctl_t ctl = {0};
    apr_initialize();
    apr_pool_create(&ctl.pool, NULL);
    ctl.options = apr_table_make(ctl.pool, 8);
    int exit_code = run(&ctl, argc, argv);
    if (fflush(stdout) != 0 && exit_code == CTL_OK)
        exit_code = ctl_fail(&ctl, CTL_FINDING, "output", "standard output could not be written.");
    apr_pool_destroy(ctl.pool);
    apr_terminate();
    return exit_code;
}
