/* Fuzzing the datagram decoder: what it takes is an event each, in the words that it came in, and can be told to viewers. */
#include <stdlib.h>
#include <string.h>

#include "datagram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

typedef struct input {
    const char *text;
    size_t size, at; /* at: behind the event taken last */
    int count;
} input_t;

static void take(void *ctx, news_t *news)
{
    input_t *input = ctx;
    check(input->at + 1 + news->len < input->size && !memcmp(input->text + input->at + 1, news->text, news->len));
    input->at += 1 + news->len;
    input->count++;
    check(news->text[0] == '{' && news->text[news->len - 1] == '}' && news->facts.version >= 1);
    news->seq = input->count;
    news_plain_frame(news);
    news_sio_frame(news, "epoch");
    news_unref(news);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {.text = (const char *)data, .size = size};
    const char *wrong = datagram_parse(input.text, size, take, &input);
    check(wrong ? !input.count : input.count && input.at == size - 1);
    return 0;
}
