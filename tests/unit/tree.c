/* tree.c - trees of labels: Newick, and learning them as scHPL does (tests/golden/map/README.md). */
#include "tap.h"

#include <math.h>

#include "base/strtab.h"
#include "format/tsv.h"
#include "map/tree/reconstruction.h"
#include "map/tree/tree_marks.h"
#include "map/tree/tree_predict.h"
#include "map/tree/tree_scores.h"
#include "map/tree/tree_update.h"

#define CASES "tests/golden/map/tree_updates.tsv"

static void marks(void)
{
	const struct {
		double shares[4];
		uint8_t want[4];
	} rows[] = {{{.9, .05, .05, 0}, {2, 0, 0, 0}},
		    {{.5, .3, .15, .05}, {1, 1, 1, 0}},
		    {{.3, .28, .22, .2}, {1, 1, 1, 0}},
		    {{.55, .45, 0, 0}, {1, 1, 0, 0}}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t got[4];

		tree_marks(rows[i].shares, 4, 0.25, got);
		OK(memcmp(got, rows[i].want, 4) == 0, "marks of row %zu: %d %d %d %d", i, got[0],
		   got[1], got[2], got[3]);
	}
}

static void newick(void)
{
	const char *const bad[] = {"",      "(A,B",    "(A,B)root;x", "(A,,B)root;", "('A,B)root;",
				   "(A)A;", "A)root;", "(A,B)",       "(A=,B)root;"};
	const char *good = "((CD4,CD8)T,'NK cell'='it''s',B)root;";
	struct err err = ERR_INIT;
	struct text text = TEXT_INIT;
	struct label_tree *t = label_tree_read(good, &err);

	OK(t && str_eq(label_tree_text(t, &text), good), "read and written: %s", text.s);
	OK(label_tree_find(t, "it's") == label_tree_find(t, "NK cell"), "a node has names");
	OK(label_tree_depth(t, label_tree_find(t, "CD8")) == 2 &&
		   label_tree_is_under(t, label_tree_find(t, "CD8"), label_tree_find(t, "T")) &&
		   !label_tree_is_under(t, label_tree_find(t, "B"), label_tree_find(t, "T")),
	   "and a place");
	label_tree_free(t);
	t = label_tree_read(" ( A:0.1 , B:2e-3 ) root ", &err);
	OK(t && str_eq(label_tree_text(t, &text), "(A,B)root;"),
	   "lengths and blanks are read over");
	label_tree_free(t);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err wrong = ERR_INIT;

		t = label_tree_read(bad[i], &wrong);
		OK(!t && err_is_set(&wrong), "'%s' is no tree: %s", bad[i], wrong.text);
		label_tree_free(t);
	}
	text_release(&text);
}

/* ---- the cases ---- */

struct entry {
	char *truth, *called;
	double cells;
};

struct entries {
	struct entry list[400];
	size_t n;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_names(struct strtab *seen, struct names *out)
{
	char **sorted = mem_alloc(seen->n + 1, sizeof(*sorted));

	if (seen->n)
		memcpy(sorted, seen->strings, seen->n * sizeof(*sorted));
	qsort(sorted, seen->n, sizeof(*sorted), by_bytes);
	for (size_t i = 0; i < seen->n; i++)
		names_add(out, sorted[i]);
	free(sorted);
	strtab_release(seen);
}

static bool is_rejection(const char *s)
{
	return str_eq(s, "root") || str_eq(s, "root2") || str_starts(s, "Reject");
}

static size_t place(const struct names *list, const char *s)
{
	size_t i = 0;

	while (!str_eq(list->s[i], s))
		i++;
	return i;
}

static struct call_table table_of(const struct entries *e, const struct label_tree *rename)
{
	struct call_table t = {0};
	struct strtab truths = {0}, called = {0};

	for (size_t i = 0; i < e->n; i++) {
		size_t node = rename ? label_tree_find(rename, e->list[i].truth) : TREE_NONE;

		strtab_add(&truths,
			   node == TREE_NONE ? e->list[i].truth : label_tree_name(rename, node));
		if (!is_rejection(e->list[i].called))
			strtab_add(&called, e->list[i].called);
	}
	sort_names(&truths, &t.truths);
	sort_names(&called, &t.called);
	MEM_ZERO(t.counts, t.truths.n * t.called.n + 1);
	MEM_ZERO(t.rejected, t.truths.n + 1);
	for (size_t i = 0; i < e->n; i++) {
		size_t node = rename ? label_tree_find(rename, e->list[i].truth) : TREE_NONE;
		size_t row = place(&t.truths, node == TREE_NONE ? e->list[i].truth
								: label_tree_name(rename, node));

		if (is_rejection(e->list[i].called))
			t.rejected[row] += e->list[i].cells;
		else
			t.counts[row * t.called.n + place(&t.called, e->list[i].called)] +=
				e->list[i].cells;
	}
	return t;
}

/* Children have no order that means anything: compare sorted. */
static char *canonical(const struct label_tree *t, size_t node)
{
	const struct tree_node *x = &t->nodes[node];
	char **below = mem_alloc(x->n_children + 1, sizeof(*below));
	struct text out = TEXT_INIT;

	for (size_t i = 0; i < x->n_children; i++)
		below[i] = canonical(t, x->children[i]);
	qsort(below, x->n_children, sizeof(*below), by_bytes);
	for (size_t i = 0; i < x->n_children; i++) {
		text_add(&out, "%c%s", i ? ',' : '(', below[i]);
		free(below[i]);
	}
	if (x->n_children)
		text_add_char(&out, ')');
	for (size_t k = 0; k < x->names.n; k++)
		text_add(&out, "%s%s", k ? "=" : "", x->names.s[k]);
	free(below);
	return text_take(&out);
}

static void finish(const char *name, struct label_tree *tree, const struct entries *old,
		   const struct entries *new, const char *after, const char *missing)
{
	struct err err = ERR_INIT;
	struct call_table of_old = table_of(old, tree), of_new = table_of(new, NULL);
	struct label_tree *want = label_tree_read(after, &err);
	struct tree_update u;
	struct text lost = TEXT_INIT;
	char *a, *b;

	tree_update(tree, &of_old, &of_new, 0.25, &u);
	for (size_t i = 0; i < u.labels.n; i++)
		if (str_eq(u.what[i], "missing"))
			text_add(&lost, "%s%s", lost.len ? "|" : "", u.labels.s[i]);
	a = canonical(tree, 0);
	b = canonical(want, 0);
	OK(str_eq(a, b) && str_eq(lost.s, missing), "%s: %s, want %s (missing %s, want %s)", name,
	   a, b, lost.s, missing);
	free(a);
	free(b);
	text_release(&lost);
	tree_update_release(&u);
	call_table_release(&of_old);
	call_table_release(&of_new);
	label_tree_free(want);
	label_tree_free(tree);
}

static void cases(void)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open(CASES, &err);
	struct entries old = {.n = 0}, new = {.n = 0};
	struct label_tree *tree = NULL;
	struct arena arena = {0};

	if (!in)
		BUG("%s (run from the source folder)", err.text);
	while (tsv_next(in, &err) > 0) {
		char *const *f = in->fields;
		struct entries *e = str_eq(f[1], "old") ? &old : &new;

		if (str_eq(f[1], "before")) {
			tree = label_tree_read(f[2], &err);
			old.n = new.n = 0;
		} else if (str_eq(f[1], "after")) {
			finish(f[0], tree, &old, &new, f[2], f[3]);
		} else {
			e->list[e->n++] = (struct entry){arena_str(&arena, f[2], strlen(f[2])),
							 arena_str(&arena, f[3], strlen(f[3])),
							 strtod(f[4], NULL)};
		}
	}
	tsv_close(in);
	arena_release(&arena);
}

/* ---- calling down a tree, against scHPL without its reconstruction error ---- */

struct cells_of {
	double *at;
	char **labels;
	size_t n;
	struct arena arena;
};

/* Rows of the datasets that 'which' lists (NULL: all); the last ten columns are coordinates. */
static struct cells_of read_cells(const char *path, const char *which, const char *label)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open(path, &err);
	struct cells_of c = {0};
	size_t cap = 0, cap_labels = 0, column = tsv_column(in, label);

	while (tsv_next(in, &err) > 0) {
		if (which && !strstr(which, in->fields[0]))
			continue;
		MEM_GROW(c.at, 10 * (c.n + 1), cap);
		MEM_GROW(c.labels, c.n + 1, cap_labels);
		c.labels[c.n] = arena_str(&c.arena, in->fields[column], strlen(in->fields[column]));
		for (size_t d = 0; d < 10; d++)
			c.at[10 * c.n + d] = strtod(in->fields[in->n_fields - 10 + d], NULL);
		c.n++;
	}
	tsv_close(in);
	return c;
}

static void cells_free(struct cells_of *c)
{
	free(c->at);
	free(c->labels);
	arena_release(&c->arena);
}

static void compare_calls(const char *run, const struct label_tree *tree,
			  const struct tree_calls *calls)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open("tests/golden/map/schpl_predictions.tsv.gz", &err);
	char *name = mem_printf("%s:probability", run);
	size_t label = tsv_column(in, run), score = tsv_column(in, name), i = 0, same = 0;
	double worst = 0;

	for (; tsv_next(in, &err) > 0; i++) {
		const char *want = in->fields[label];

		same += calls->far[i] ? str_eq(want, "Rejection (dist)")
				      : str_eq(want, label_tree_name(tree, calls->node[i]));
		worst = MAX(worst, fabs(strtod(in->fields[score], NULL) - calls->score[i]));
	}
	OK(i == calls->n && same == i, "%s: calls of %zu cells: %zu the same", run, i, same);
	OK(worst < 1e-9, "%s: probabilities within 1e-9: %.1e", run, worst);
	free(name);
	tsv_close(in);
}

static void predict(const char *run, const char *datasets, const char *newick, double want_most)
{
	struct err err = ERR_INIT;
	struct cells_of r = read_cells("tests/golden/map/schpl_data.tsv.gz", datasets, "label");
	struct cells_of q = read_cells("tests/golden/map/schpl_query.tsv.gz", NULL, "truth");
	struct label_tree *tree = label_tree_read(newick, &err);
	struct pool *pool = pool_new(2);
	struct strtab names = {0};
	int32_t *of = mem_alloc(r.n, sizeof(*of));
	struct tree_calls calls;
	double most = 0;

	for (size_t i = 0; i < r.n; i++)
		of[i] = (int32_t)strtab_add(&names, r.labels[i]);
	struct tree_atlas a = {tree, r.at, r.n, 10, of, names.strings, names.n, 50};
	OK(!tree_max_distance(&a, pool, &most, &err) && fabs(most - want_most) < 1e-9,
	   "%s: the largest distance: %.12g (%s)", run, most, err.text);
	OK(!tree_predict(&a, q.at, q.n, most, 0.5, pool, &calls, &err), "%s: called (%s)", run,
	   err.text);
	compare_calls(run, tree, &calls);
	tree_calls_release(&calls);
	free(of);
	strtab_release(&names);
	label_tree_free(tree);
	cells_free(&r);
	cells_free(&q);
	pool_free(pool);
}

/* ---- reconstruction, against scHPL's folds of a flat tree ---- */

/* The column 'name' of a table, as numbers; the caller frees. */
static double *read_column(const char *path, const char *name, size_t *n)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open(path, &err);
	size_t at = tsv_column(in, name), cap = 0;
	double *values = NULL;

	for (*n = 0; tsv_next(in, &err) > 0;) {
		MEM_GROW(values, *n + 1, cap);
		values[(*n)++] = strtod(in->fields[at], NULL);
	}
	tsv_close(in);
	return values;
}

static void reconstruct(void)
{
	static const double want[] = {7.469541028003236, 7.505323732479114, 5.884358599032396,
				      6.818866150789275, 6.063936952913563};
	struct err err = ERR_INIT;
	struct cells_of r = read_cells("tests/golden/map/schpl_data.tsv.gz", "D1", "label");
	struct cells_of q = read_cells("tests/golden/map/schpl_query.tsv.gz", NULL, "truth");
	struct pool *pool = pool_new(2);
	size_t n = 0;
	double *numbers = read_column("tests/golden/map/schpl_folds.tsv.gz", "fold", &n);
	double *errors = mem_alloc(q.n, sizeof(*errors)), worst = 0, *golden;
	uint8_t *folds = mem_alloc(r.n, 1);
	struct reconstruction x = {0};

	for (size_t i = 0; i < r.n && n == r.n; i++)
		folds[i] = (uint8_t)numbers[i];
	OK(n == r.n && !reconstruction_learn(&x, r.at, r.n, 10, folds, 0.5, pool, &err),
	   "reconstruction is learnt (%s)", err.text);
	OK(x.n_components == 2, "two components hold nine tenths: %zu", x.n_components);
	for (size_t i = 0; i < 5; i++)
		worst = MAX(worst, fabs(x.thresholds[i] - want[i]));
	OK(worst < 1e-9 && fabs(x.threshold - want[3]) < 1e-9,
	   "thresholds of five folds and their median: %.1e", worst);
	reconstruction_errors(&x, q.at, q.n, pool, errors);
	golden = read_column("tests/golden/map/schpl_flat_query.tsv.gz", "reconstruction", &n);
	worst = 0;
	for (size_t i = 0; i < q.n && n == q.n; i++)
		worst = MAX(worst, fabs(errors[i] - golden[i]));
	OK(n == q.n && worst < 1e-9, "errors of %zu cells within 1e-9: %.1e", n, worst);
	reconstruction_release(&x);
	OK(reconstruction_learn(&x, r.at, 9, 10, NULL, 0.5, pool, &err) == -1 && err.refused &&
		   !x.mean,
	   "nine cells are refused: %s", err.text);
	free(numbers);
	free(errors);
	free(golden);
	free(folds);
	cells_free(&r);
	cells_free(&q);
	pool_free(pool);
}

/* ---- the hierarchical F1 ---- */

static double f1_of_column(const struct label_tree *tree, const char *column)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open("tests/golden/map/schpl_hf1.tsv.gz", &err);
	size_t truth = tsv_column(in, "truth"), called = tsv_column(in, column);
	struct tree_scores s = {0};

	while (tsv_next(in, &err) > 0)
		tree_scores_add(&s, tree, label_tree_find(tree, in->fields[truth]),
				label_tree_find(tree, in->fields[called]), 1);
	tsv_close(in);
	return tree_f1(&s);
}

static void hierarchical(void)
{
	static const struct {
		const char *column;
		double f1;
	} golden[] = {{"as_called", 0.9896373056994818},
		      {"a_fifth_shuffled", 0.844559585492228},
		      {"random_nodes", 0.2643427741466957}};
	static const char *const truth[] = {"CD4", "CD4", "B", "CD8"}, *const called[] = {
									       "CD4", "T", "root",
									       "B"};
	struct err err = ERR_INIT;
	struct label_tree *t = label_tree_read("((CD4,CD8)T,B)root;", &err);
	struct tree_scores s = {0};

	for (size_t i = 0; i < 4; i++)
		tree_scores_add(&s, t, label_tree_find(t, truth[i]), label_tree_find(t, called[i]),
				1);
	OK(fabs(tree_precision(&s) - 0.75) < 1e-9 && fabs(tree_recall(&s) - 0.428571429) < 1e-9 &&
		   fabs(tree_f1(&s) - 0.545454545) < 1e-9,
	   "the worked example: %.9f %.9f %.9f", tree_precision(&s), tree_recall(&s), tree_f1(&s));
	s = (struct tree_scores){0};
	tree_scores_add(&s, t, label_tree_find(t, "T"), label_tree_find(t, "CD8"), 3);
	OK(tree_f1(&s) == 1, "a call below the truth is the truth");
	label_tree_free(t);
	t = label_tree_read("('A B'='C B'='D B',('D cMono','D ncMono')'A Mono'='C Mono',(('D CD4 "
			    "memory','D CD4 naive')'C CD4','C CD8'='D CD8')'A T','C NK','D "
			    "DC')root;",
			    &err);
	for (size_t i = 0; i < ARRAY_LEN(golden); i++)
		OK(fabs(f1_of_column(t, golden[i].column) - golden[i].f1) < 1e-12, "%s: %.15f",
		   golden[i].column, f1_of_column(t, golden[i].column));
	label_tree_free(t);
}

int main(void)
{
	reconstruct();
	hierarchical();
	predict("knn_D1-D2_nore", "D1,D2",
		"('A B'='C B','A Mono'='C Mono',('C CD4','C CD8')'A T','C NK')root;",
		5.187706437607417);
	predict("knn_D1-D2-D3_nore", "D1,D2,D3",
		"('A B'='C B'='D B',('D cMono','D ncMono')'A Mono'='C Mono',(('D CD4 memory','D "
		"CD4 naive')'C CD4','C CD8'='D CD8')'A T','C NK','D DC')root;",
		4.761596282795014);
	marks();
	newick();
	cases();
	return done_testing();
}
