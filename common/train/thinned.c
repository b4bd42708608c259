/* thinned.c - see thinned.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "matrix/depth.h"
#include "model/predict/scorer.h"
#include "train/thinned.h"
#include "trust/novelty.h"

#define CELLS_WANTED ((size_t)600)
#define DEEPEST ((size_t)1 << 20) /* counts of a cell that is no cell of molecules counted */
#define N_LEVELS 11               /* 1 to 1,024 counts; and the cell as it is */
#define N_BINS 21                 /* by the logarithm of the counts of the model's genes */
#define FEWEST 20                 /* cells of a depth that say something of it */
#define RIGHT 0.95                /* of what is right when nothing is thinned */

/* What was drawn of one cell. */
struct drawn {
	struct cells cells; /* its levels, one under the other */
	uint32_t class;
};

struct thinned {
	const struct cohort *cohort;
	double target_sum;
	uint64_t seed;
	uint8_t *chosen; /* per cell of the cohort */
	struct drawn *drawn;
	size_t n_drawn, cap_drawn;
	uint32_t *tokens; /* one per count of a cell: where its gene stands in the cell */
	size_t cap_tokens;
	uint32_t *tally; /* per gene of the cell: counts drawn so far */
	size_t cap_tally;
};

/* The cells of every class whose keys are smallest: the same whatever their order. */
static void choose(struct thinned *t)
{
	const struct cohort *c = t->cohort;
	size_t wanted = MAX(CELLS_WANTED / c->n_classes, (size_t)4);
	size_t *left = mem_zero(c->n_classes, sizeof(*left));
	size_t *open = mem_zero(c->n_classes, sizeof(*open));
	struct rng rng = rng_seeded(mix64(t->seed ^ 0x7468696eu));

	for (size_t i = 0; i < c->n_classes; i++) {
		open[i] = c->count[i] / c->n_copies;
		left[i] = MIN(wanted, open[i]);
	}
	for (size_t cell = 0; cell < c->n; cell++) {
		int32_t class = c->class_of[cell];

		if ((c->held && c->held[cell]) || cell % c->n_copies)
			continue;
		t->chosen[cell] = rng_below(&rng, open[class]--) < left[class];
		left[class] -= t->chosen[cell];
	}
	free(left);
	free(open);
}

struct thinned *thinned_new(const struct cohort *c, double target_sum, uint64_t seed)
{
	struct thinned *t = mem_zero(1, sizeof(*t));

	t->cohort = c;
	t->target_sum = target_sum;
	t->seed = seed;
	MEM_ZERO(t->chosen, c->n);
	choose(t);
	return t;
}

void thinned_free(struct thinned *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_drawn; i++)
		cells_release(&t->drawn[i].cells);
	free(t->drawn);
	free(t->chosen);
	free(t->tokens);
	free(t->tally);
	free(t);
}

/* ---- drawing ---- */

/* The cell's counts as tokens; how many, or 0 when they are no counts. */
static size_t deal(struct thinned *t, const struct cells *block, size_t cell)
{
	size_t first = block->starts[cell], n = block->starts[cell + 1] - first, n_tokens = 0;
	double unit = depth_unit(block, cell, t->target_sum);

	for (size_t i = 0; i < n; i++) {
		double value = (double)block->values[first + i];
		double counts = value > 0 ? rint(expm1(value) / unit) : 0;

		if (!(counts + (double)n_tokens < (double)DEEPEST))
			return 0;
		MEM_GROW(t->tokens, n_tokens + (size_t)counts, t->cap_tokens);
		for (size_t k = 0; k < (size_t)counts; k++)
			t->tokens[n_tokens++] = (uint32_t)i;
	}
	return n_tokens;
}

/* The counts drawn so far, log-normalised, as one more cell. */
static void keep_level(struct thinned *t, const struct cells *block, size_t cell, size_t depth,
		       struct cells *out)
{
	size_t first = block->starts[cell], n = block->starts[cell + 1] - first;
	size_t at = out->starts[out->n_cells];

	for (size_t i = 0; i < n; i++) {
		if (!t->tally[i])
			continue;
		out->genes[at] = block->genes[first + i];
		out->values[at++] =
			(float)log1p((double)t->tally[i] * t->target_sum / (double)depth);
	}
	out->counts[out->n_cells++] = (double)depth;
	out->starts[out->n_cells] = at;
}

/* Room for all levels of a cell: a level has no more values than counts, nor than the cell. */
static void make_room(struct cells *out, size_t n_genes, size_t n_values, size_t n_tokens)
{
	size_t room = MIN(n_values, n_tokens);

	for (size_t level = 0; level < N_LEVELS; level++)
		room += MIN(n_values, (size_t)1 << level);
	cells_reserve(out, N_LEVELS + 1, room);
	MEM_GROW(out->counts, N_LEVELS + 1, out->cap_counts);
	out->n_genes = n_genes;
	out->n_cells = 0;
	out->starts[0] = 0;
}

static void draw(struct thinned *t, const struct cells *block, size_t cell, size_t number)
{
	size_t n = block->starts[cell + 1] - block->starts[cell];
	size_t n_tokens = deal(t, block, cell), level = 0;
	struct rng rng = rng_seeded(mix64(t->seed + number));
	struct drawn *d;

	if (n_tokens < 2)
		return;
	MEM_GROW(t->drawn, t->n_drawn + 1, t->cap_drawn);
	d = &t->drawn[t->n_drawn++];
	*d = (struct drawn){.class = (uint32_t)t->cohort->class_of[number]};
	make_room(&d->cells, block->n_genes, n, n_tokens);
	MEM_GROW(t->tally, n, t->cap_tally);
	memset(t->tally, 0, n * sizeof(*t->tally));
	for (size_t drawn = 0; drawn < n_tokens;) {
		size_t pick = drawn + rng_below(&rng, n_tokens - drawn);
		uint32_t token = t->tokens[pick];

		t->tokens[pick] = t->tokens[drawn++];
		t->tally[token]++;
		if (level < N_LEVELS && drawn == (size_t)1 << level && drawn < n_tokens) {
			keep_level(t, block, cell, drawn, &d->cells);
			level++;
		}
	}
	keep_level(t, block, cell, n_tokens, &d->cells);
}

void thinned_add(struct thinned *t, const struct cells *block, size_t first)
{
	for (size_t cell = 0; cell < block->n_cells; cell++)
		if (t->chosen[first + cell])
			draw(t, block, cell, first + cell);
}

/* ---- judging ---- */

struct judged {
	double confidence;
	double novelty; /* NaN without landmarks */
	uint8_t bin;
	bool right, whole; /* whole: nothing was thinned */
};

struct judging {
	struct judged *calls;
	size_t n;
	const uint8_t *within;   /* as thinned_needs has it */
	struct novelty *novelty; /* NULL without landmarks */
	const uint32_t *known;   /* per gene of the blocks: UINT32_MAX when the model lacks it */
	float *scratch;
	double *probabilities;
};

static uint8_t bin_of(double counts)
{
	return (uint8_t)MIN((int)floor(log2(counts)), N_BINS - 1);
}

/* Is a cell of the one class rightly called by the other? */
static bool may_be(const struct judging *j, size_t n_classes, size_t class, size_t called)
{
	return called == class || (j->within && j->within[class * n_classes + called]);
}

static double strange(const struct judging *j, const struct scorer *s, size_t cell,
		      const double *scores)
{
	const double *places = scorer_axes(s);

	if (!j->novelty)
		return NAN;
	return novelty_judge(j->novelty, places + cell * j->novelty->n_axes, scores, 0).novelty;
}

static void judge(const struct thinned *t, const struct drawn *d, const struct model *m,
		  struct scorer *s, struct judging *j, struct pool *pool)
{
	double *scores = scorer_run(s, &d->cells, pool);

	for (size_t i = 0; i < d->cells.n_cells; i++) {
		double *own = scores + i * m->n_classes;
		struct depth depth = depth_of(&d->cells, i, j->known, t->target_sum, j->scratch);
		struct call call;

		if (depth.counts < 1)
			continue;
		scorer_link(s, own, j->probabilities);
		call = scorer_call(own, j->probabilities, m->n_classes);
		j->calls[j->n++] =
			(struct judged){.confidence = call.confidence,
					.novelty = strange(j, s, i, own),
					.bin = bin_of(depth.counts),
					.right = may_be(j, m->n_classes, d->class, call.best),
					.whole = i + 1 == d->cells.n_cells};
	}
}

static int surest_first(const void *a, const void *b)
{
	const struct judged *x = a, *y = b;

	if (x->bin != y->bin)
		return x->bin < y->bin ? -1 : 1;
	if (x->confidence > y->confidence || x->confidence < y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return (int)x->right - (int)y->right; /* of equals the wrong first: none is lucky */
}

/* The least confidence of a depth above which calls are as right as 'goal'; 1 for none. */
static double needed(const struct judged *calls, size_t n, double goal)
{
	size_t n_right = 0;
	double least = 1;

	for (size_t i = 0; i < n; i++) {
		n_right += calls[i].right;
		if (i + 1 < n && calls[i + 1].confidence >= calls[i].confidence)
			continue;
		if (((double)n_right + 1) / ((double)i + 2) >= goal)
			least = i + 1 == n ? 0 : calls[i].confidence;
	}
	return least;
}

/* A row per depth that was seen often enough; what a shallower cell needs is never less. */
static struct depth_needs *needs_of(const struct judging *j)
{
	struct depth_needs *d = depth_needs_new(N_BINS + 1);
	size_t n_whole = 0, n_right = 0, n = 0;
	double goal;

	for (size_t i = 0; i < j->n; i++) {
		n_whole += j->calls[i].whole;
		n_right += j->calls[i].whole && j->calls[i].right;
	}
	goal = n_whole ? RIGHT * (double)n_right / (double)n_whole : 1;
	for (size_t i = 0, end; i < j->n; i = end) {
		for (end = i; end < j->n && j->calls[end].bin == j->calls[i].bin;)
			end++;
		if (end - i < FEWEST)
			continue;
		d->counts[n] = ldexp(1, j->calls[i].bin);
		d->confidence[n++] = needed(j->calls + i, end - i, goal);
	}
	if (n) {
		d->counts[n] = 2 * d->counts[n - 1];
		d->n = n + 1;
	}
	for (size_t row = n; row-- > 0;)
		d->confidence[row] = MAX(d->confidence[row], d->confidence[row + 1]);
	if (n)
		return d;
	depth_needs_free(d);
	return NULL;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median novelty of cells of a depth that were thinned, or of all that were not (bin N_BINS);
 * 0 when there are too few. */
static double median_novelty(const struct judging *j, size_t bin)
{
	double *values = mem_alloc(j->n + 1, sizeof(*values)), median;
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++) {
		const struct judged *call = &j->calls[i];

		if (bin == N_BINS ? call->whole : !call->whole && call->bin == bin)
			values[n++] = call->novelty;
	}
	qsort(values, n, sizeof(*values), rising);
	median = n < FEWEST ? 0 : (values[(n - 1) / 2] + values[n / 2]) / 2;
	free(values);
	return median;
}

/* How much stranger cells look by depth than they do whole; a shallower one never less. */
static void add_novelty(struct depth_needs *d, const struct judging *j)
{
	double whole = median_novelty(j, N_BINS);

	MEM_ZERO(d->novelty, d->n);
	for (size_t row = d->n - 1; row-- > 0;)
		d->novelty[row] =
			MAX(median_novelty(j, bin_of(d->counts[row])) - whole, d->novelty[row + 1]);
}

/* All genes are there. */
static struct novelty *novelty_of(const struct model *m)
{
	bool *present = mem_alloc(m->n_genes, sizeof(*present));
	struct novelty *n;

	memset(present, true, m->n_genes * sizeof(*present));
	n = m->landmarks ? novelty_new(m, present) : NULL;
	free(present);
	return n;
}

struct depth_needs *thinned_needs(const struct thinned *t, const struct model *m,
				  const uint8_t *within, char *const *genes, size_t n_genes,
				  struct pool *pool)
{
	struct judging j = {.within = within, .novelty = novelty_of(m)};
	struct scorer_rows rows = {.axes = j.novelty ? j.novelty->axes : NULL,
				   .n_axes = j.novelty ? j.novelty->n_axes : 0};
	struct scorer *s = scorer_new(m, &rows, genes, n_genes);
	struct depth_needs *needs;

	j.known = scorer_known(s);

	MEM_ARRAY(j.calls, t->n_drawn * (N_LEVELS + 1));
	MEM_ARRAY(j.scratch, n_genes);
	MEM_ARRAY(j.probabilities, m->n_classes);
	for (size_t i = 0; i < t->n_drawn; i++)
		judge(t, &t->drawn[i], m, s, &j, pool);
	qsort(j.calls, j.n, sizeof(*j.calls), surest_first);
	needs = needs_of(&j);
	if (needs && j.novelty)
		add_novelty(needs, &j);
	novelty_free(j.novelty);
	scorer_free(s);
	free(j.calls);
	free(j.scratch);
	free(j.probabilities);
	return needs;
}
