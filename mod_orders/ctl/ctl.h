/* ordersctl: what its commands share. One process, one thread, one command. */
#ifndef ORDERS_CTL_H
#define ORDERS_CTL_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <stdbool.h>
#include "core/order.h"
#include "core/out.h"
#include "core/problem.h"
#include "core/store.h"

#define ORDERSCTL_VERSION "1.0.0"

/* Exit codes, also told by --help. */
enum {
    CTL_OK = 0,
    CTL_FINDING = 1,    /* a check found something, or what was asked for is refused */
    CTL_USAGE = 2,      /* the command line is wrong */
    CTL_UNREACHABLE = 3 /* no database, or it failed */
};

typedef struct ctl_option {
    const char *name;  /* a table ends with a row whose name is NULL */
    const char *value; /* what the help calls its value; NULL: a flag */
    const char *help;
    bool required;
} ctl_option;

typedef struct ctl {
    apr_pool_t *pool;
    apr_table_t *options; /* as given on the command line; a flag is "" */
    bool json;
    const char *uri, *uri_source; /* set by ctl_open */
    const char *currency;
    int exponent;
    store_t *store;
} ctl_t;

typedef struct ctl_command {
    const char *group, *verb; /* "user" "add"; verb NULL: one word alone. A table ends with a row whose group is NULL */
    const char *summary;
    const char *more; /* a paragraph for its own help, or NULL */
    const ctl_option *options;
    int (*run)(ctl_t *ctl); /* returns an exit code */
} ctl_command;

extern const ctl_command ctl_commands[];
extern const ctl_option ctl_common_options[];

/* The commands. */
int ctl_user_add(ctl_t *ctl);
int ctl_user_role(ctl_t *ctl);
int ctl_user_password(ctl_t *ctl);
int ctl_user_list(ctl_t *ctl);
int ctl_product_add(ctl_t *ctl);
int ctl_check(ctl_t *ctl);
int ctl_repair(ctl_t *ctl);
int ctl_seed_demo(ctl_t *ctl);
int ctl_watch(ctl_t *ctl);

/* ctl_help.c */
void ctl_help(void);
void ctl_command_help(const ctl_command *command);

/* ctl_report.c: to standard error a sentence, or with --json {"error":{"code","detail"}}. Both return the exit code. */
int ctl_fail(const ctl_t *ctl, int exit_code, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int ctl_fail_problem(const ctl_t *ctl, const problem_t *problem);
/* The same for an error of the driver. */
int ctl_fail_driver(const ctl_t *ctl, const char *doing, const bson_error_t *error);
/* Writes to standard output what was built, and a line end. */
void ctl_print(const out_t *out);

/* ctl_config.c: settings. An option beats the environment, which beats `.env`. */
const char *ctl_option_value(const ctl_t *ctl, const char *name); /* NULL: not given */
/* An environment variable, else the same in `.env`; NULL when neither has a value. *source names where it was. */
const char *ctl_setting(const ctl_t *ctl, const char *name, const char **source);
/* Sets uri and uri_source, or fails. */
int ctl_find_database(ctl_t *ctl);
/* Sets currency and exponent, or fails. */
int ctl_find_currency(ctl_t *ctl);
/* The bcrypt cost, or fails. */
int ctl_find_cost(const ctl_t *ctl, int *cost);

/* ctl_db.c */
/* Finds the settings, connects, and waits a few seconds for the database to answer. */
int ctl_open(ctl_t *ctl);
/* A connection whose replies live in `pool`, good for some 30 seconds; released with it. */
int ctl_connect(ctl_t *ctl, apr_pool_t *pool, store_conn **conn);
/* Both, for a command that needs one connection. */
int ctl_open_and_connect(ctl_t *ctl, store_conn **conn);
mongoc_collection_t *ctl_collection(store_conn *conn, const char *name); /* destroy it */
/* What the database's driver complained of last, in brackets after a space; "" when it did not. */
const char *ctl_complaint(apr_pool_t *pool);

/* ctl_input.c: values from the command line and standard input, checked as the API checks them. */
int ctl_input_email(const ctl_t *ctl, const char **email);
int ctl_input_name(const ctl_t *ctl, const char **name);
int ctl_input_role(const ctl_t *ctl, user_role *role);
/* The first line of standard input without its line end, from the heap; at a terminal it is asked for and not shown.
 * NULL when there is none, or when it holds a NUL, which would cut it short. */
char *ctl_input_line(const char *prompt, size_t *size);
/* The same, hashed. */
int ctl_input_password(const ctl_t *ctl, const char **hash);

#endif
