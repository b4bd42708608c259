/* text - damaged tables, mtx files, their lists and gene panels, read whole in this process.
 *
 *	text CASES SEED FILE...
 *
 * FILE is a .csv or .tsv table, a .mtx with its lists beside it (NAME.genes, NAME.cells), or a
 * panel (.json, .panel). A case is fine when all is read and every cell is in order, or when there
 * is one line of an error. Anything else ends the process: that is the failure.
 */
#include "base/util.h"

#include <math.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "import/import.h"
#include "matrix/gene_panel.h"
#include "spoil.h"

static const char *const words[] = {
	",",
	"\t",
	"\n",
	"\r\n",
	"\"",
	"\"\"",
	" ",
	";",
	"-",
	"-1",
	"0",
	"1e9",
	"1e999",
	"nan",
	"inf",
	"0x10",
	"%",
	"#",
	"\xff",
	"\xef\xbb\xbf",
	"[",
	"{",
	"99999999999999999999",
	"4294967295",
	"2147483648",
	"\x1f\x8b",
};

static void check_cells(struct import *in, struct err *err)
{
	struct cells *block;
	size_t n_cells = 0;

	while (stream_next(in->stream, &block, err) > 0) {
		for (size_t i = 0; i < block->n_cells; i++)
			for (size_t k = block->starts[i]; k < block->starts[i + 1]; k++)
				if (block->genes[k] >= in->genes.n || !isfinite(block->values[k]) ||
				    (k > block->starts[i] &&
				     block->genes[k] <= block->genes[k - 1]))
					BUG("cell %zu is out of order", block->first + i);
		n_cells += block->n_cells;
	}
	if (n_cells != in->cells.n || in->stream->n_genes != in->genes.n)
		BUG("%zu cells came of %zu", n_cells, in->cells.n);
}

/* Read the damaged file; true when it was read, false when it was refused. */
static bool try(const char *path, const char *kind, struct rng *rng)
{
	static const struct feature_choice choices[] = {{.type = NULL}, {"all", NULL, true}};
	struct err err = ERR_INIT;
	struct import in;
	struct gene_panel panel;
	int ret;

	if (str_ends(kind, ".json") || str_ends(kind, ".panel")) {
		ret = gene_panel_read(path, &panel, &err);
		if (ret == 0)
			gene_panel_release(&panel);
	} else {
		ret = str_ends(kind, ".mtx")
			      ? import_mtx("case.mtx", "case.genes", "case.cells", ORIENT_AUTO,
					   &choices[rng_below(rng, 2)], &in, &err)
			      : import_table(path, (enum orient)rng_below(rng, 3), &in, &err);
		if (ret == 0) {
			check_cells(&in, &err);
			import_release(&in);
		}
	}
	if ((ret != 0) != err_is_set(&err) || strchr(err.text, '\n'))
		BUG("status %d with the message \"%s\"", ret, err.text);
	return ret == 0;
}

/* Files of one case: the one named, and for an mtx its lists; one of them damaged. */
static bool run_case(const char *path, struct rng *rng)
{
	static const char *const ends[] = {".mtx", ".genes", ".cells"};
	bool trio = str_ends(path, ".mtx");
	size_t n_files = trio ? 3 : 1, victim = rng_below(rng, n_files + trio);
	struct text bytes = TEXT_INIT;

	for (size_t i = 0; i < n_files; i++) {
		char *from = trio ? mem_printf("%.*s%s", (int)strlen(path) - 4, path, ends[i])
				  : mem_str(path);
		char *to = mem_printf("case%s", trio ? ends[i] : "");
		slurp(from, &bytes);
		for (size_t n = 1 + rng_below(rng, 3); n > 0 && victim % n_files == i; n--)
			spoil_text(&bytes, words, ARRAY_LEN(words), 1, rng);
		spill(to, &bytes);
		free(from);
		free(to);
	}
	text_release(&bytes);
	return try("case", path, rng);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/fuzz-text-XXXXXX";
	size_t cases, seed, n_read = 0;

	if (argc < 4 || !parse_size(argv[1], 1, SIZE_MAX, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed)) {
		fprintf(stderr, "usage: text CASES SEED FILE...\n");
		return 2;
	}
	struct rng rng = rng_seeded(seed);
	char **paths = mem_zero((size_t)argc, sizeof(*paths));
	for (int i = 3; i < argc; i++) {
		paths[i] = realpath(argv[i], NULL);
		if (!paths[i]) {
			perror(argv[i]);
			return 2;
		}
	}
	if (!mkdtemp(folder) || chdir(folder))
		return 2;
	for (size_t i = 0; i < cases; i++)
		n_read += run_case(paths[3 + rng_below(&rng, (size_t)argc - 3)], &rng);
	unlink("case");
	unlink("case.mtx");
	unlink("case.genes");
	unlink("case.cells");
	rmdir(folder);
	printf("text: %zu cases: %zu read, %zu refused with a message\n", cases, n_read,
	       cases - n_read);
	for (int i = 3; i < argc; i++)
		free(paths[i]);
	free(paths);
	return 0;
}
