/* The viewers' side of the bridge, as far as it is pure: whose token counts, which pages may connect, session notes. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include "credentials.h"
#include "log.h"
#include "origin.h"
#include "pid.h"
#include "viewer.h"

/* --- Credentials ------------------------------------------------------------------------------------------------------ */

static const char *token_of(const char *authorization, const char *cookie)
{
    static char text[128];
    credentials_t found = credentials_choose(authorization, authorization ? 1 : 0, cookie, cookie ? 1 : 0, "session");
    if (found.kind != CREDENTIALS_TOKEN)
        return found.kind == CREDENTIALS_NONE ? "nobody" : "bad";
    snprintf(text, sizeof text, "%.*s", (int)found.len, found.token);
    return text;
}

static void a_bearer_header_alone_decides(void **state)
{
    (void)state;
    assert_string_equal(token_of("Bearer a.b.c", "session=x.y.z"), "a.b.c");
    assert_string_equal(token_of("bearer   a.b.c  ", NULL), "a.b.c");
    assert_string_equal(token_of("Bearer", "session=x.y.z"), "bad");
    assert_string_equal(token_of("Bearer ", "session=x.y.z"), "bad");
}

static void another_scheme_is_ignored(void **state)
{
    (void)state;
    assert_string_equal(token_of("Basic dXNlcg==", "session=x.y.z"), "x.y.z");
    assert_string_equal(token_of("Bearerx a.b.c", NULL), "nobody");
}

static void the_cookie_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_string_equal(token_of(NULL, "a=1; session=x.y.z; b=2"), "x.y.z");
    assert_string_equal(token_of(NULL, " session = x.y.z ;"), "x.y.z");
    assert_string_equal(token_of(NULL, "xsession=1; sessionx=2; Session=3"), "nobody");
    assert_string_equal(token_of(NULL, "a=1, session=x.y.z"), "nobody"); /* a comma parts nothing */
    assert_string_equal(token_of(NULL, ""), "nobody");
    assert_string_equal(token_of(NULL, ";;=;"), "nobody");
    assert_string_equal(token_of(NULL, NULL), "nobody");
}

static void two_of_a_kind_are_none(void **state)
{
    (void)state;
    assert_string_equal(token_of(NULL, "session=a; session=a"), "bad");
    assert_string_equal(token_of(NULL, "session=a; session=a; session=a"), "bad");
    assert_string_equal(token_of(NULL, "session="), "bad");
    assert_int_equal(credentials_choose("Bearer a", 2, NULL, 0, "session").kind, CREDENTIALS_BAD);
    assert_int_equal(credentials_choose(NULL, 0, "session=a", 2, "session").kind, CREDENTIALS_BAD);
}

/* --- Origins ---------------------------------------------------------------------------------------------------------- */

static void pages_of_the_same_host_may_connect(void **state)
{
    (void)state;
    assert_true(origin_allowed(NULL, "shop.example", NULL));
    assert_true(origin_allowed("http://shop.example", "shop.example", NULL));
    assert_true(origin_allowed("https://Shop.Example", "shop.example", NULL));
    assert_true(origin_allowed("http://127.0.0.1:8080", "127.0.0.1:8080", NULL));
    assert_true(origin_allowed("http://shop.example", "shop.example:80", NULL));
    assert_true(origin_allowed("https://shop.example:443", "shop.example", NULL));
}

static void other_pages_may_not(void **state)
{
    (void)state;
    static const char *const others[] = {"null",
                                         "",
                                         "http://evil.example",
                                         "http://shop.example.evil.example",
                                         "http://shop.example:81",
                                         "http://shop.exampl",
                                         "ftp://shop.example",
                                         "shop.example",
                                         "http://",
                                         "http://user@shop.example",
                                         "http://shop.example/"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(origin_allowed(others[i], "shop.example", NULL));
    assert_false(origin_allowed("http://shop.example", NULL, NULL));
    assert_false(origin_allowed("http://127.0.0.1:8080", "127.0.0.1:8081", NULL));
}

static void a_list_replaces_the_host(void **state)
{
    (void)state;
    const char *list = "https://shop.example  http://localhost:5173";
    assert_true(origin_list_valid(list));
    assert_true(origin_allowed("https://shop.example", "api.example", list));
    assert_true(origin_allowed("https://shop.example:443", "api.example", list));
    assert_true(origin_allowed("http://localhost:5173", "api.example", list));
    assert_false(origin_allowed("http://shop.example", "api.example", list)); /* another scheme */
    assert_false(origin_allowed("http://api.example", "api.example", list));
    assert_false(origin_allowed("null", "api.example", list));
    assert_true(origin_allowed(NULL, "api.example", list));
}

static void lists_that_cannot_work_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "   ",
                                      "*",
                                      "null",
                                      "shop.example",
                                      "https://",
                                      "ws://a",
                                      "https://a/path",
                                      "https://a,https://b",
                                      "https://*.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(origin_list_valid(bad[i]));
}

/* --- Session notes ---------------------------------------------------------------------------------------------------- */

static const unsigned char key[KEY_SIZE] = {1, 2, 3}, other_key[KEY_SIZE] = {1, 2, 4};

static pid_note_t a_note(void)
{
    pid_note_t note = {.sid = "abcdefghijklmnopqrst", .seq = INT64_C(0x0123456789abcdef)};
    bson_oid_init_from_string(&note.user, "0123456789abcdef01234567");
    return note;
}

static void a_note_is_read_as_it_was_written(void **state)
{
    (void)state;
    pid_note_t note = a_note(), read = {.seq = 0};
    char text[PID_TEXT];
    pid_write(text, key, "epoch", &note);
    assert_int_equal(strlen(text), PID_TEXT - 1);
    assert_true(pid_read(text, key, "epoch", &read));
    assert_string_equal(read.sid, note.sid);
    assert_true(bson_oid_equal(&read.user, &note.user));
    assert_true(read.seq == note.seq);
}

static void a_note_of_another_maker_or_epoch_is_none(void **state)
{
    (void)state;
    pid_note_t note = a_note(), read;
    char text[PID_TEXT];
    pid_write(text, key, "epoch", &note);
    assert_false(pid_read(text, other_key, "epoch", &read));
    assert_false(pid_read(text, key, "epoch2", &read));
    assert_false(pid_read("", key, "epoch", &read));
    assert_false(pid_read("x", key, "epoch", &read));
}

static void a_note_changed_anywhere_is_none(void **state)
{
    (void)state;
    pid_note_t note = a_note(), read;
    char text[PID_TEXT];
    pid_write(text, key, "epoch", &note);
    for (size_t i = 0; i < PID_TEXT - 1; i++) {
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        assert_false(pid_read(text, key, "epoch", &read));
        text[i] = '+';
        assert_false(pid_read(text, key, "epoch", &read));
        text[i] = was;
    }
    text[PID_TEXT - 2] = '\0';
    assert_false(pid_read(text, key, "epoch", &read));
}

/* --- The log ---------------------------------------------------------------------------------------------------------- */

static void a_text_of_a_client_cannot_make_lines(void **state)
{
    (void)state;
    char out[12];
    assert_string_equal(log_clean(out, sizeof out, "a\nb\"c\\\x7f\xc3"), "a?b?c???");
    assert_string_equal(log_clean(out, sizeof out, "0123456789abcdef"), "0123456789a");
}

static void close_codes_are_the_documented_ones(void **state)
{
    (void)state;
    assert_int_equal(VIEWER_SIGN_IN, 4401);
    assert_int_equal(VIEWER_TOO_SLOW, 4408);
    assert_int_equal(VIEWER_RECONNECT, 4410);
    assert_int_equal(VIEWER_LATER, 4503);
}

UNIT_MAIN(pooled(a_bearer_header_alone_decides), pooled(another_scheme_is_ignored),
          pooled(the_cookie_is_found_by_its_whole_name), pooled(two_of_a_kind_are_none),
          pooled(pages_of_the_same_host_may_connect), pooled(other_pages_may_not), pooled(a_list_replaces_the_host),
          pooled(lists_that_cannot_work_are_refused), pooled(a_note_is_read_as_it_was_written),
          pooled(a_note_of_another_maker_or_epoch_is_none), pooled(a_note_changed_anywhere_is_none),
          pooled(a_text_of_a_client_cannot_make_lines), pooled(close_codes_are_the_documented_ones))
