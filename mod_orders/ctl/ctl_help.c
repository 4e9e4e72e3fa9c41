#include "ctl.h"

#include <stdio.h>
#include <string.h>

static const char exit_codes[] = "Exit codes: 0 done · 1 a check found something, or what was asked for is refused ·\n"
                                 "2 wrong command line · 3 the database cannot be reached, or failed.\n";

static void print_options(const ctl_option *table)
{
    for (; table->name; table++) {
        int len = printf("  --%s%s%s", table->name, table->value ? " " : "", table->value ? table->value : "");
        printf("%*s%s%s\n", len < 22 ? 22 - len : 1, "", table->help, table->required ? " (required)" : "");
    }
}

void ctl_help(void)
{
    puts("ordersctl: the order system's users, products, checks and repairs, straight on the database.\n\n"
         "Usage: ordersctl [options] COMMAND [options]\n\nCommands (each has its own --help):");
    for (const ctl_command *command = ctl_commands; command->group; command++) {
        int len = printf("  %s%s%s", command->group, command->verb ? " " : "", command->verb ? command->verb : "");
        printf("%*s%s\n", 22 - len, "", command->summary);
    }
    puts("\nOptions:");
    print_options(ctl_common_options);
    puts(
        "\nThe database is found in this order: --uri; MONGODB_URI in the environment; MONGODB_URI in `.env` of the\n"
        "working directory, or of the directory above this program's; the file `mongodb.uri` that `make start` writes\n"
        "in RUN_DIR (environment or `.env`; else `.run` in the same two directories). CURRENCY and BCRYPT_COST (4 to "
        "15,\n"
        "default 10) are read from the environment and `.env` alike.\n");
    fputs(exit_codes, stdout);
}

void ctl_command_help(const ctl_command *command)
{
    printf("ordersctl %s%s%s: %s.\n", command->group, command->verb ? " " : "", command->verb ? command->verb : "",
           command->summary);
    if (command->more)
        printf("%s\n", command->more);
    puts("\nOptions:");
    print_options(command->options);
    print_options(ctl_common_options);
    putchar('\n');
    fputs(exit_codes, stdout);
}
