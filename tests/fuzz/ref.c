/* ref - damaged registries, tables and JSON of references, read in this process.
 *
 *	ref CASES SEED FILE...
 *
 * By its ending a file is read as a registry, local studies, a list, or each kind of index. Bytes
 * changed, pieces taken out or cut off. A case is fine when it is read, or when there is
 * an error of one line; anything else stops this program.
 */
/* inputs: tests/data/ref/registry.yaml tests/data/ref/metadata_summary.csv
 *	tests/data/ref/list.tsv tests/data/ref/release.json tests/data/ref/discover.json
 * cases: 4000 */
#include "base/util.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "ref/census.h"
#include "ref/samples.h"
#include "ref/studies.h"
#include "spoil.h"

static const char marks[] = "\"\\,:{}[]\t\n\r\0&*#-'|%\xff\xc3\xef";

static void damage(struct text *t, struct rng *rng)
{
	size_t at = rng_below(rng, t->len), n = 1 + rng_below(rng, t->len - at);

	switch (rng_below(rng, 4)) {
	case 0:
		t->s[at] = marks[rng_below(rng, sizeof(marks))];
		break;
	case 1:
		t->s[at] = (char)rng_below(rng, 256);
		break;
	case 2: /* taken out */
		memmove(t->s + at, t->s + at + n, t->len - at - n);
		t->len -= n;
		break;
	default: /* cut off */
		t->len = at;
	}
	if (t->len == 0)
		text_add_char(t, '\n');
}

static int read_json(const char *path, struct references *list, struct err *err)
{
	json_t *root = document_read(path, err);
	struct census c = {0};
	int ret = root ? 0 : -1;

	if (root && census_find(&c, root, "latest", "", err) && discover_add(list, root, path, err))
		ret = models_add(list, root, path, err);
	census_release(&c);
	json_decref(root);
	return ret;
}

static int read_case(const char *folder, const char *path, struct err *err)
{
	struct registry reg = {0};
	struct samples samples = {0};
	int ret;

	if (str_ends(path, ".yaml"))
		ret = registry_add(&reg, path, err);
	else if (str_ends(path, ".csv"))
		ret = studies_add(&reg.list, folder, &samples, err);
	else if (str_ends(path, ".tsv"))
		ret = references_read(&reg.list, path, err);
	else
		ret = read_json(path, &reg.list, err);
	samples_release(&samples);
	registry_release(&reg);
	return ret;
}

static bool run_case(const char *folder, const char *path, size_t number)
{
	struct err err = ERR_INIT;
	int ret = read_case(folder, path, &err);

	if (ret == 0 || (err_is_set(&err) && !strchr(err.text, '\n')))
		return true;
	printf("case %zu: %s: %s\n", number, path, err_is_set(&err) ? err.text : "no reason");
	return false;
}

int main(int argc, char **argv)
{
	size_t cases, seed, failed = 0;
	char folder[] = "/tmp/fuzz-ref.XXXXXX";

	if (argc < 4 || !parse_size(argv[1], 1, 1000000000, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed) || !mkdtemp(folder)) {
		fprintf(stderr, "usage: ref CASES SEED FILE...\n");
		return 2;
	}
	for (size_t i = 0; i < cases; i++) {
		const char *from = argv[3 + i % (size_t)(argc - 3)];
		const char *name = strrchr(from, '/') ? strrchr(from, '/') + 1 : from;
		struct rng rng = rng_seeded(mix64(seed) ^ mix64(i));
		char *path = mem_printf("%s/%s", folder, name);
		struct text t = TEXT_INIT;

		slurp(from, &t);
		for (size_t k = 1 + rng_below(&rng, 3); k > 0; k--)
			damage(&t, &rng);
		spill(path, &t);
		failed += !run_case(folder, path, i);
		unlink(path);
		text_release(&t);
		free(path);
	}
	rmdir(folder);
	printf("ref: %zu cases, %zu failed\n", cases, failed);
	return failed > 0;
}
