#include "pid.h"

#include <string.h>

#include "protocol/bytes.h"
#include "protocol/text.h"

#define MAC_LEN   16
#define NOTE_LEN  (PID_SID_LEN + 12 + 8)
#define WHOLE_LEN (NOTE_LEN + MAC_LEN)

static void sign(unsigned char mac[32], const unsigned char key[KEY_SIZE], const char *epoch,
                 const unsigned char note[NOTE_LEN])
{
    bytes_t text = {0};
    bytes_add(&text, note, NOTE_LEN);
    bytes_text(&text, epoch);
    keys_hmac(key, text.data, text.len, mac);
    bytes_free(&text);
}

/* base64 and base64url differ by two characters. */
static char swap(char c, const char from[2], const char to[2])
{
    if (c == from[0])
        return to[0];
    if (c == from[1])
        return to[1];
    return c;
}

void pid_write(char text[PID_TEXT], const unsigned char key[KEY_SIZE], const char *epoch, const pid_note_t *note)
{
    unsigned char whole[WHOLE_LEN], mac[32];
    memcpy(whole, note->sid, PID_SID_LEN);
    memcpy(whole + PID_SID_LEN, note->user.bytes, 12);
    for (int i = 0; i < 8; i++)
        whole[PID_SID_LEN + 12 + i] = (unsigned char)((uint64_t)note->seq >> (56 - 8 * i));
    sign(mac, key, epoch, whole);
    memcpy(whole + NOTE_LEN, mac, MAC_LEN);
    bytes_t encoded = {0};
    base64_encode(&encoded, whole, sizeof whole);
    size_t len = 0;
    for (; len < encoded.len && len < PID_TEXT - 1 && encoded.data[len] != '='; len++)
        text[len] = swap((char)encoded.data[len], "+/", "-_");
    text[len] = '\0';
    bytes_free(&encoded);
}

/* base64url without padding, of exactly WHOLE_LEN bytes. */
static bool decode(const char *text, unsigned char whole[WHOLE_LEN])
{
    char padded[PID_TEXT + 3];
    size_t len = strlen(text);
    if (len != PID_TEXT - 1)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '+' || text[i] == '/')
            return false;
        padded[i] = swap(text[i], "-_", "+/");
    }
    while (len % 4)
        padded[len++] = '=';
    bytes_t decoded = {0};
    bool good = base64_decode(&decoded, padded, len) && decoded.len == WHOLE_LEN;
    if (good)
        memcpy(whole, decoded.data, WHOLE_LEN);
    bytes_free(&decoded);
    return good;
}

bool pid_read(const char *text, const unsigned char key[KEY_SIZE], const char *epoch, pid_note_t *note)
{
    unsigned char whole[WHOLE_LEN], mac[32];
    if (!decode(text, whole))
        return false;
    sign(mac, key, epoch, whole);
    if (!keys_equal(mac, MAC_LEN, whole + NOTE_LEN, MAC_LEN))
        return false;
    memcpy(note->sid, whole, PID_SID_LEN);
    note->sid[PID_SID_LEN] = '\0';
    memcpy(note->user.bytes, whole + PID_SID_LEN, 12);
    uint64_t seq = 0;
    for (int i = 0; i < 8; i++)
        seq = seq << 8 | whole[PID_SID_LEN + 12 + i];
    note->seq = (int64_t)seq;
    return true;
}
