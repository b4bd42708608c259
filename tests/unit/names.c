/* names.c - unique names, joined genes, drawn samples, spooled entries. */
#include "base/util.h"

#include <math.h>
#include <time.h>

#include "base/natural.h"
#include "base/rng.h"
#include "h5ad/frame/column_concat.h"
#include "import/import.h"
#include "matrix/genes.h"
#include "matrix/sample.h"
#include "matrix/spool.h"
#include "tap.h"

static bool names_are(const struct names *list, const char *const *want, size_t n)
{
	bool same = list->n == n;

	for (size_t i = 0; i < n && same; i++)
		same = str_eq(list->s[i], want[i]);
	return same;
}

/* The expected names are what anndata 0.10.9's make_index_unique gives. */
static void test_unique(void)
{
	static const char *const in[] = {"a", "b", "a", "a-1", "a", "b", "c", "a-1"};
	static const char *const want[] = {"a", "b", "a-2", "a-1", "a-3", "b-1", "c", "a-1-1"};
	struct names list = names_of((char *const *)in, ARRAY_LEN(in));

	OK(str_eq(names_repeated(list.s, list.n), "a"), "a repeated name is found");
	OK(names_make_unique(&list, "-") == 4, "four names were copies");
	OK(names_are(&list, want, ARRAY_LEN(want)), "numbers skip names that are taken");
	OK(!names_repeated(list.s, list.n), "afterwards no name repeats");
	names_release(&list);
}

static void test_join(void)
{
	char *first[] = {"d", "a", "c"}, *second[] = {"c", "b", "d"};
	static const char *const inner[] = {"d", "c"}, *const outer[] = {"a", "b", "c", "d"};

	for (int kind = 0; kind < 2; kind++) {
		struct gene_join join = {.n_inputs = 0};
		gene_join_add(&join, first, 3);
		gene_join_add(&join, second, 3);
		gene_join_finish(&join, kind ? GENES_OUTER : GENES_INNER, NULL);
		OK(names_are(&join.genes, kind ? outer : inner, kind ? 4 : 2), "%s join: %s",
		   kind ? "outer" : "inner", kind ? "sorted names" : "the order of the first");
		OK(join.maps[0][1] == (kind ? 0 : STRTAB_NONE) && join.maps[1][0] == (kind ? 2 : 1),
		   "%s join: maps say where genes go", kind ? "outer" : "inner");
		gene_join_release(&join);
	}
	struct gene_join same = {.n_inputs = 0};
	gene_join_add(&same, first, 3);
	gene_join_add(&same, first, 3);
	gene_join_finish(&same, GENES_OUTER, NULL);
	OK(names_are(&same.genes, (const char *const *)first, 3),
	   "outer join: inputs that are alike keep their order");
	gene_join_release(&same);
}

static void test_map(void)
{
	size_t starts[] = {0, 3, 3, 5};
	uint32_t genes[] = {0, 1, 3, 2, 3}, map[] = {2, 0, STRTAB_NONE, 2};
	float values[] = {1, 2, 4, 8, 16};
	struct cells from = {
		.n_cells = 3, .n_genes = 4, .starts = starts, .genes = genes, .values = values};
	struct cells to = {.n_cells = 0};
	struct pool *pool = pool_new(2);

	cells_map_genes(&from, map, 3, &to, pool);
	OK(to.n_cells == 3 && to.starts[1] == 2 && to.starts[2] == 2 && to.starts[3] == 3,
	   "dropped genes leave, genes of one place become one");
	OK(to.genes[0] == 0 && to.values[0] == 2 && to.genes[1] == 2 && to.values[1] == 5 &&
		   to.genes[2] == 2 && to.values[2] == 16,
	   "values move in order and add up");
	cells_release(&to);
	pool_free(pool);
}

/* Cells long enough for the sorts that do not compare, against one that does. */
static void test_sort(void)
{
	struct rng rng = rng_seeded(7);
	struct cell_room room = {.pairs = NULL};
	bool sorted = true, stable = true;

	for (size_t round = 0; round < 60; round++) {
		enum { MOST = 900 };
		static const size_t ranges[] = {1000, 64 * 32, 5000000};
		uint32_t genes[MOST], had[MOST];
		float values[MOST];
		size_t range = ranges[round % 3], n = round < 3 ? round : 40 + 14 * round;
		bool repeats = round % 2;

		for (size_t i = 0; i < n; i++) {
			/* a stride prime to all ranges: nothing stands twice unless it should */
			size_t gene = (i * 337 + 11) % range;
			had[i] = genes[i] =
				(uint32_t)(repeats ? rng_next(&rng) % (range / 4) : gene);
			values[i] = (float)i;
		}
		cell_sort(genes, values, n, &room);
		for (size_t i = 0; i < n; i++) {
			sorted &= had[(size_t)values[i]] == genes[i];
			sorted &= i == 0 || genes[i - 1] <= genes[i];
			stable &= i == 0 || genes[i - 1] < genes[i] || values[i - 1] < values[i];
		}
	}
	OK(sorted, "cells are sorted, each value with its gene, repeats or not");
	OK(stable, "equal genes stay in the order they came");
	cell_room_release(&room);
}

/* ---- samples ---- */

enum { N = 3000 };

struct population {
	char *names[N];
	int32_t classes[N], groups[N];
	size_t sizes[5];
};

static void populate(struct population *p)
{
	struct rng rng = rng_seeded(1);

	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < N; i++) {
		size_t dice = rng_below(&rng, 100);
		p->names[i] = mem_printf("cell%zu", i);
		p->classes[i] = dice < 70 ? 0 : dice < 90 ? 1 : dice < 98 ? 2 : dice < 99 ? 3 : -1;
		if (p->classes[i] >= 0)
			p->sizes[p->classes[i]]++;
		p->groups[i] = rng_below(&rng, 10) < 8 ? 0 : 1 + (int32_t)rng_below(&rng, 3);
	}
}

static bool is_clean(const struct sample *s, const struct population *p, size_t *per_class)
{
	memset(per_class, 0, 5 * sizeof(*per_class));
	for (size_t i = 0; i < s->n; i++) {
		if (s->cells[i] >= N || (i && s->cells[i] <= s->cells[i - 1]) ||
		    p->classes[s->cells[i]] < 0)
			return false;
		per_class[p->classes[s->cells[i]]]++;
	}
	return memcmp(per_class, s->chosen, 4 * sizeof(*per_class)) == 0;
}

static struct sample draw(const struct population *p, const struct sample_plan *plan, size_t n)
{
	return sample_draw(plan, p->names, n, p->classes, 4, NULL, 0);
}

static void test_modes(const struct population *p)
{
	struct sample_plan plan = {.mode = SAMPLE_PROPORTIONAL, .n = 300, .seed = 42};
	size_t got[5], all = p->sizes[0] + p->sizes[1] + p->sizes[2] + p->sizes[3];
	struct sample s = draw(p, &plan, N);

	OK(is_clean(&s, p, got), "proportional: no cell twice, none of no class");
	OK(s.n == 300, "proportional: as many as asked for");
	bool close = true;
	for (size_t c = 0; c < 4; c++)
		close &= got[c] <= (300 * p->sizes[c] + all - 1) / all &&
			 got[c] + 4 >= 300 * p->sizes[c] / all;
	OK(close, "proportional: each class its share, rounded up and then trimmed");
	sample_release(&s);

	plan.mode = SAMPLE_EQUAL;
	s = draw(p, &plan, N);
	OK(is_clean(&s, p, got) && s.n == 300, "equal: as many as asked for");
	OK(got[3] == p->sizes[3] && got[2] >= 75 && got[1] >= 75 && got[0] >= 75,
	   "equal: the small class whole, the others at least n / classes");
	sample_release(&s);

	plan = (struct sample_plan){.mode = SAMPLE_CAP, .cap = 100, .min_cells = 50, .seed = 42};
	s = draw(p, &plan, N);
	OK(is_clean(&s, p, got) && got[0] == 100 && got[1] == 100 && got[2] == 100 && got[3] == 0,
	   "cap: no class over the cap, classes under min_cells left out");
	sample_release(&s);

	plan = (struct sample_plan){.mode = SAMPLE_CAP, .cap = 1000, .n = 50, .floor = 20};
	s = draw(p, &plan, N);
	OK(is_clean(&s, p, got) && got[0] == 20 && got[1] == 20 && got[2] == 20 && got[3] == 20,
	   "cap: n lowers the cap to the floor and no further");
	sample_release(&s);

	plan = (struct sample_plan){.mode = SAMPLE_PROPORTIONAL, .n = N + 1};
	s = draw(p, &plan, N);
	OK(is_clean(&s, p, got) && s.n == all, "more than there are: all of them");
	sample_release(&s);
}

static void test_groups(const struct population *p)
{
	struct sample_plan plan = {.mode = SAMPLE_CAP, .cap = 100, .seed = 7};
	struct sample s = sample_draw(&plan, p->names, N, p->classes, 4, p->groups, 4);
	size_t per_group[4] = {0};

	for (size_t i = 0; i < s.n; i++)
		if (p->classes[s.cells[i]] == 0)
			per_group[p->groups[s.cells[i]]]++;
	OK(per_group[0] == 25 && per_group[1] == 25 && per_group[2] == 25 && per_group[3] == 25,
	   "a group of 80 in 100 gets a quarter among four that have enough");
	sample_release(&s);
}

/* Which cells are drawn must not depend on where they stand, and little on what else is there. */
static void test_stability(struct population *p)
{
	struct sample_plan plan = {.mode = SAMPLE_CAP, .cap = 60, .seed = 3};
	struct sample before = draw(p, &plan, N - 500), after = draw(p, &plan, N);
	size_t n_kept = 0, n_old = 0;

	for (size_t i = 0, j = 0; i < after.n; i++) {
		while (j < before.n && before.cells[j] < after.cells[i])
			j++;
		bool was = j < before.n && before.cells[j] == after.cells[i];
		n_kept += was;
		n_old += after.cells[i] < N - 500;
	}
	OK(n_kept == n_old, "appended cells bring no old cell in that was out (%zu, %zu)", n_kept,
	   n_old);
	OK(n_old > after.n * 2 / 3, "and most that were in stay");

	struct sample mirror;
	for (size_t i = 0; i < N / 2; i++) {
		char *name = p->names[i];
		int32_t class = p->classes[i];
		p->names[i] = p->names[N - 1 - i];
		p->classes[i] = p->classes[N - 1 - i];
		p->names[N - 1 - i] = name;
		p->classes[N - 1 - i] = class;
	}
	mirror = draw(p, &plan, N);
	bool same = mirror.n == after.n;
	for (size_t i = 0; i < after.n && same; i++)
		same = mirror.cells[after.n - 1 - i] == N - 1 - after.cells[i];
	OK(same, "cells in reverse: the same names are drawn");
	sample_release(&before);
	sample_release(&after);
	sample_release(&mirror);
}

/* ---- spools ---- */

static void test_spool(void)
{
	enum { CELLS = 5000, GENES = 40 };
	static float want[CELLS][GENES];
	struct err err = ERR_INIT;
	struct rng rng = rng_seeded(5);
	struct spool *spool = spool_new(3, &err); /* 1667 buckets: more than may be pending */
	struct cells *block;
	size_t n_cells = 0;
	bool good = spool != NULL, same = true;

	for (size_t i = 0; good && i < 100000; i++) {
		uint32_t cell = (uint32_t)rng_below(&rng, CELLS - 10);
		uint32_t gene = (uint32_t)rng_below(&rng, GENES);
		float value = (float)(1 + rng_below(&rng, 9));
		want[cell][gene] += value;
		good = spool_add(spool, cell, gene, value, &err) == 0;
	}
	OK(good, "100,000 entries go in");
	if (!good)
		return;
	struct stream *s = spool_stream(spool, CELLS, GENES);
	while (stream_next(s, &block, &err) > 0) {
		for (size_t i = 0; i < block->n_cells; i++) {
			float row[GENES] = {0};
			for (size_t k = block->starts[i]; k < block->starts[i + 1]; k++) {
				same &= k == block->starts[i] ||
					block->genes[k - 1] < block->genes[k];
				row[block->genes[k]] = block->values[k];
			}
			same &= !memcmp(row, want[block->first + i], sizeof(row));
		}
		same &= block->first == n_cells;
		n_cells += block->n_cells;
	}
	OK(!err_is_set(&err) && n_cells == CELLS, "every cell comes out, the empty ones too");
	OK(same, "in order, with repeated entries added up");
	stream_free(s);
}

static void test_numbers(void)
{
	static const char *const good[] = {"0",
					   "1",
					   "-3",
					   "2.5",
					   "0.1",
					   "1e4",
					   "1E-3",
					   "16777217",
					   "0.30000001192092896",
					   "+7",
					   "123456789012345.6"};
	static const char *const bad[] = {"",    "-",     ".",   "1.2.3", "abc", "nan",
					  "inf", "1e400", "1 2", "1,5",   "--1", "0x10"};
	float value;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		OK(import_number(good[i], strlen(good[i]), &value) &&
			   value == (float)strtod(good[i], NULL),
		   "%s is read as strtod reads it", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!import_number(bad[i], strlen(bad[i]), &value), "\"%s\" is no number", bad[i]);
}

/* Orders and kinds as anndata 0.10.9 on pandas 2.2.3 gives them. */
static void test_columns(void)
{
	char *first[] = {"T10", "B", NULL}, *second[] = {"T2", "T10"};
	struct column a = column_categories("x", first, 3), b = column_categories("x", second, 2);
	const struct column *parts[] = {&a, &b}, *holes[] = {&a, NULL};
	size_t sizes[] = {3, 2};
	struct column all = column_concat("x", parts, sizes, 2);

	OK(natural_compare("T2", "T10") < 0 && natural_compare("T2", "T 1") < 0 &&
		   natural_compare("a", "a1") < 0 && natural_compare("x", "x") == 0,
	   "numbers in names compare as numbers");
	OK(all.kind == COLUMN_CATEGORY && all.n_categories == 3 &&
		   str_eq(all.categories[1], "T2") && str_eq(all.categories[2], "T10"),
	   "categories unite in natural order");
	OK(all.n == 5 && all.codes[0] == 2 && all.codes[2] == -1 && all.codes[3] == 1,
	   "codes follow, a missing one stays missing");
	column_release(&all);
	all = column_concat("x", holes, sizes, 2);
	OK(all.kind == COLUMN_CATEGORY && all.codes[3] == -1 && all.codes[4] == -1,
	   "a frame without the column has it missing");
	column_release(&all);
	column_release(&a);
	column_release(&b);
}

/* A float column without a value has no say, and booleans among numbers are 0 and 1. */
static void test_kinds(void)
{
	char *letters[] = {"z", "a"};
	struct column nothing = column_new("x", COLUMN_FLOAT, 2),
		      flags = column_new("x", COLUMN_BOOL, 2);
	struct column words = column_categories("x", letters, 2),
		      small = column_new("x", COLUMN_INT, 2);
	const struct column *blank[] = {&nothing, &words}, *blanks[] = {&nothing, &nothing};
	const struct column *mixed[] = {&small, &flags}, *hole[] = {&nothing, &flags};
	size_t sizes[] = {2, 2};

	nothing.floats[0] = nothing.floats[1] = NAN;
	memset(small.missing, 0, 2);
	memset(flags.missing, 0, 2);
	words.ordered = true;
	small.width = 1;
	small.ints[1] = -7;
	flags.bools[0] = 0;
	flags.bools[1] = 1;
	struct column all = column_concat("x", blank, sizes, 2);
	OK(all.kind == COLUMN_CATEGORY && all.ordered && column_missing(&all, 1) &&
		   str_eq(all.categories[all.codes[3]], "a"),
	   "categories stay what they are below a column without a value");
	column_release(&all);
	all = column_concat("x", blanks, sizes, 2);
	OK(all.kind == COLUMN_FLOAT && column_missing(&all, 3), "nothing and nothing is floats");
	column_release(&all);
	all = column_concat("x", mixed, sizes, 2);
	OK(all.kind == COLUMN_INT && all.width == 1 && all.ints[1] == -7 && all.ints[2] == 0 &&
		   all.ints[3] == 1,
	   "booleans among integers are integers");
	column_release(&all);
	all = column_concat("x", hole, sizes, 2);
	OK(all.kind == COLUMN_BOOL && column_missing(&all, 0) && !column_missing(&all, 3) &&
		   all.bools[3],
	   "booleans stay booleans below a column without a value");
	column_release(&all);
	column_release(&nothing);
	column_release(&flags);
	column_release(&words);
	column_release(&small);
}

/* ---- names that were made to collide ---- */

static uint64_t stirred(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15;
}

/* The 'i'th text of sixteen bytes that all have one number by hash_bytes; false: it has a NUL. */
static bool colliding(uint64_t i, char text[17])
{
	uint64_t first = i * 0x0101010101010101 | 0x8080808080808080, second;

	second = stirred(16 * 0x9e3779b97f4a7c15 ^ first) ^ 0x4141414141414141;
	memcpy(text, &first, 8);
	memcpy(text + 8, &second, 8);
	text[16] = '\0';
	return strlen(text) == 16;
}

/* Whoever writes a file chooses its names: no choice may make looking for them slow. */
static void test_collisions(void)
{
	struct strtab names = {0};
	char text[17];
	uint64_t hash = 0;
	size_t same = 0;
	clock_t begin = clock();

	for (uint64_t i = 0; names.n < 60000; i++) {
		if (!colliding(i, text))
			continue;
		strtab_add(&names, text);
		hash = names.n == 1 ? hash_bytes(text, 16, 0) : hash;
		same += hash_bytes(text, 16, 0) == hash;
	}
	OK(same >= 60000, "60,000 names of one hash");
	OK(clock() - begin < CLOCKS_PER_SEC,
	   "are kept within a second, not each compared with all");
	OK(hash_name("CD4", 3) == hash_name("CD4", 3) && hash_name("CD4", 3) != hash_name("CD8", 3),
	   "a name's place is the same within a process");
	strtab_release(&names);
}

int main(void)
{
	static struct population p;

	test_collisions();

	test_unique();
	test_join();
	test_map();
	test_sort();
	test_columns();
	test_kinds();
	populate(&p);
	test_modes(&p);
	test_groups(&p);
	test_stability(&p);
	test_spool();
	test_numbers();
	for (size_t i = 0; i < N; i++)
		free(p.names[i]);
	return done_testing();
}
