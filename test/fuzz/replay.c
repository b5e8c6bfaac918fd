/*
 * Instead of libFuzzer, for `make test`: gives a target each input of its
 * corpus in the tree, once.  The target is the one that the name of the program
 * ends with, behind the last hyphen.  Run from the top of the tree.
 */
#include "test/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

#define CORPUS "test/fuzz/corpus"

#define INPUT_MAX 65536

static int
no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Memory of just the size, so that a sanitizer sees what is beyond. */
static void
replay(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *file = fopen(path, "re");
	size_t size;
	uint8_t *exact;

	MUST(file != NULL);
	size = fread(bytes, 1, sizeof(bytes), file);
	MUST(!ferror(file) && size < sizeof(bytes));
	fclose(file);
	exact = malloc(size > 0 ? size : 1);
	MUST(exact != NULL);
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int
main(int argc, char **argv)
{
	const char *target = argc > 0 ? strrchr(argv[0], '-') : NULL;
	char folder[256], path[600];
	struct dirent **entries;
	int count;

	MUST(target != NULL);
	snprintf(folder, sizeof(folder), CORPUS "/%s", target + 1);
	count = scandir(folder, &entries, no_dots, alphasort);
	MUST(count > 0);
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		printf("# %s\n", path);
		fflush(stdout);
		replay(path);
		printf("ok %d - %s holds\n", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
