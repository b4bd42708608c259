/* stages.c - see stages.h. */
#include "base/util.h"

#include <math.h>

#include "train/stages.h"

#define SAMPLE_SLACK 30 /* samples are fitted to a tolerance so many times larger */
#define SELECT_PASSES 3 /* over all cells: enough to choose genes by */

static size_t counted(const int32_t *label, size_t n_blocks)
{
	size_t n = 0;

	for (size_t slot = 0; slot < n_blocks * BLOCK_CELLS; slot++)
		n += label[slot] >= 0;
	return n;
}

static void announce(const struct train_options *o, const char *what, size_t n_cells,
		     size_t n_genes)
{
	listener_tell(&o->listener, (struct training_news){.event = TRAINING_STEP,
							   .what = what,
							   .n_cells = n_cells,
							   .n_genes = n_genes});
}

/* Fit level after level; 'passes' bounds those over all cells. */
static int fit_levels(struct trained *t, struct design *d, const int32_t *label,
		      const struct train_options *o, size_t passes, const char *what,
		      struct pool *pool, struct err *err)
{
	for (size_t l = 0; l < d->n_levels; l++) {
		bool last = l + 1 == d->n_levels;
		struct fit_options fit = o->fit;

		if (!last)
			fit.tolerance = fmin(fit.tolerance * SAMPLE_SLACK, 1e-3);
		else
			fit.max_passes = passes;
		announce(o, last ? what : "fitting a sample", counted(label, d->level_end[l]),
			 d->n_genes);
		if (fit_run(&t->fit, d, d->level_end[l], &t->scaling, label, &fit, pool, err))
			return -1;
	}
	return 0;
}

/* Descend, then look at where that ended with the solver's eyes: objective and gradient. */
static int descend(struct trained *t, struct design *d, const int32_t *label,
		   const struct train_options *o, struct pool *pool, struct err *err)
{
	struct fit_options look = o->fit;
	size_t passes, n = counted(label, d->n_blocks);

	announce(o, "descending", n, d->n_genes);
	if (sgd_run(&t->fit, d, &t->scaling, label, &o->sgd, pool, err))
		return -1;
	passes = t->fit.passes;
	look.C = 1 / (o->sgd.alpha * (double)n);
	look.max_passes = 0;
	if (fit_run(&t->fit, d, d->n_blocks, &t->scaling, label, &look, pool, err))
		return -1;
	t->fit.passes = passes;
	return 0;
}

static int fit_final(struct trained *t, struct design *d, const int32_t *label,
		     const struct train_options *o, bool sampled, struct pool *pool,
		     struct err *err)
{
	if (o->use_sgd)
		return descend(t, d, label, o, pool, err);
	if (sampled)
		return fit_levels(t, d, label, o, o->fit.max_passes, "fitting", pool, err);
	announce(o, "fitting", counted(label, d->n_blocks), d->n_genes);
	return fit_run(&t->fit, d, d->n_blocks, &t->scaling, label, &o->fit, pool, err);
}

/* ---- choosing genes ---- */

struct weighed {
	double weight;
	uint32_t gene;
};

static int by_weight(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->gene < y->gene ? -1 : x->gene > y->gene;
}

/*
 * The union over classes of the genes with the largest coefficients, as a map from gene to its
 * number among the chosen. The caller frees.
 */
static uint32_t *choose_genes(const struct trained *t, size_t top, size_t *n_chosen)
{
	size_t n = t->fit.n_genes;
	struct weighed *weighed = mem_alloc(n, sizeof(*weighed));
	uint32_t *map = mem_alloc(n, sizeof(*map));

	memset(map, 0xff, n * sizeof(*map));
	for (size_t lane = 0; lane < t->fit.lanes.n_used; lane++) {
		size_t there = 0;

		for (size_t gene = 0; gene < n; gene++) {
			double w = t->fit.coef[lanes_at(&t->fit.lanes, n + 1, gene, lane)];

			if (t->scaling.present[gene])
				weighed[there++] = (struct weighed){fabs(w), (uint32_t)gene};
		}
		qsort(weighed, there, sizeof(*weighed), by_weight);
		for (size_t i = 0; i < MIN(top, there); i++)
			map[weighed[i].gene] = 0;
	}
	*n_chosen = 0;
	for (size_t gene = 0; gene < n; gene++)
		if (map[gene] == 0)
			map[gene] = (uint32_t)(*n_chosen)++;
	free(weighed);
	return map;
}

/* Go on with the chosen genes only, in a smaller design. */
static int narrow(struct trained *t, struct design **d, const uint32_t *map, size_t n,
		  struct pool *pool, struct err *err)
{
	struct fit fit = fit_narrow(&t->fit, map, n);
	struct scaling scaling = scaling_narrow(&t->scaling, map, n);

	for (size_t gene = 0; gene < t->fit.n_genes; gene++)
		if (map[gene] != UINT32_MAX)
			t->gene_of[map[gene]] = t->gene_of[gene];
	fit_release(&t->fit);
	scaling_release(&t->scaling);
	t->fit = fit;
	t->scaling = scaling;
	*d = design_narrow(*d, map, n, pool, err);
	return *d ? 0 : -1;
}

/* Go on with the chosen genes only, in the same design: the others lose their part. */
static void mask(struct trained *t, const uint32_t *map)
{
	size_t n = t->fit.n_genes;

	for (size_t gene = 0; gene < n; gene++) {
		if (map[gene] != UINT32_MAX)
			continue;
		t->scaling.present[gene] = false;
		t->scaling.inverse[gene] = 0;
		t->scaling.z0[gene] = 0;
		for (size_t lane = 0; lane < t->fit.lanes.n_used; lane++)
			t->fit.coef[lanes_at(&t->fit.lanes, n + 1, gene, lane)] = 0;
	}
}

static int select_genes(struct trained *t, struct design **d, bool spend, const int32_t *label,
			const struct train_options *o, struct pool *pool, struct err *err)
{
	size_t n, there = 0;
	uint32_t *map;
	int ret;

	for (size_t gene = 0; gene < t->scaling.n_genes; gene++)
		there += t->scaling.present[gene];
	if (there <= o->top_genes)
		return err_set(err,
			       "%zu genes are expressed, too few to choose %zu per class from "
			       "(--top-genes)",
			       there, o->top_genes);
	if (o->use_sgd)
		ret = sgd_run(&t->fit, *d, &t->scaling, label, &o->sgd, pool, err);
	else
		ret = fit_levels(t, *d, label, o, SELECT_PASSES, "choosing genes", pool, err);
	if (ret)
		return -1;
	map = choose_genes(t, o->top_genes, &n);
	if (spend)
		ret = narrow(t, d, map, n, pool, err);
	else
		mask(t, map);
	free(map);
	return ret;
}

int train_run(struct trained *t, struct design **design, bool spend, const int32_t *label,
	      size_t n_classes, const struct train_options *o, struct pool *pool, struct err *err)
{
	size_t n_genes = (*design)->n_genes;

	*t = (struct trained){.fit = fit_new(n_genes, n_classes, o->fit.loss)};
	MEM_ARRAY(t->gene_of, n_genes);
	for (size_t gene = 0; gene < n_genes; gene++)
		t->gene_of[gene] = (uint32_t)gene;
	if (scaling_measure(&t->scaling, *design, (*design)->n_blocks, label, &o->scaling, pool,
			    err))
		return -1;
	if (o->start)
		memcpy(t->fit.coef, o->start->coef,
		       (n_genes + 1) * t->fit.lanes.n * sizeof(*t->fit.coef));
	if (o->select && select_genes(t, design, spend, label, o, pool, err))
		return -1;
	return fit_final(t, *design, label, o, !o->select && !o->start, pool, err);
}

void trained_release(struct trained *t)
{
	fit_release(&t->fit);
	scaling_release(&t->scaling);
	free(t->gene_of);
	*t = (struct trained){0};
}
