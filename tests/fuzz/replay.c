/* Feeds files to a fuzz target built without libFuzzer: the corpus as a test, with any compiler.
 *
 *     replay FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT (1 << 20)

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MAX_INPUT);
    if (!data)
        return 1;
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) {
            perror(argv[i]);
            free(data);
            return 1;
        }
        size_t size = fread(data, 1, MAX_INPUT, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    printf("%d inputs\n", argc - 1);
    return 0;
}
