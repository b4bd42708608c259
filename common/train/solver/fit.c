/* fit.c - see fit.h. */
#include "base/util.h"

#include <math.h>

#include "train/solver/fit_private.h"

#define WIDE_BELOW 3e-7 /* tolerances that floats do not reach */
#define PAIRS_MOST 20
#define PAIRS_LEAST 6
#define PAIRS_BYTES ((size_t)768 << 20) /* memory of the quasi-Newton pairs, about */

struct fit fit_new(size_t n_genes, size_t n_classes, enum model_loss loss)
{
	bool binary = n_classes == 2 && loss == LOSS_OVR_LOG;
	uint32_t *classes = mem_alloc(n_classes, sizeof(*classes));
	struct fit fit = {.n_genes = n_genes};

	for (size_t c = 0; c < n_classes; c++)
		classes[c] = (uint32_t)(c + binary);
	fit.lanes = lanes_for(classes, binary ? 1 : n_classes, n_classes);
	fit.coef = mem_vectors(mem_product(n_genes + 1, fit.lanes.n), sizeof(*fit.coef));
	MEM_ZERO(fit.class_passes, fit.lanes.n);
	MEM_ZERO(fit.objective, fit.lanes.n);
	MEM_ZERO(fit.gradient, fit.lanes.n);
	free(classes);
	return fit;
}

void fit_release(struct fit *fit)
{
	lanes_release(&fit->lanes);
	free(fit->coef);
	free(fit->class_passes);
	free(fit->objective);
	free(fit->gradient);
	*fit = (struct fit){0};
}

struct fit fit_narrow(const struct fit *fit, const uint32_t *gene_map, size_t n_genes)
{
	struct fit to = {.n_genes = n_genes};
	const struct lanes *lanes = &fit->lanes;
	size_t rows = fit->n_genes + 1;

	to.lanes = lanes_for(lanes->class_of, lanes->n_used, lanes->n_classes);
	to.coef = mem_vectors(mem_product(n_genes + 1, lanes->n), sizeof(*to.coef));
	MEM_ZERO(to.class_passes, lanes->n);
	MEM_ZERO(to.objective, lanes->n);
	MEM_ZERO(to.gradient, lanes->n);
	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t width = lanes->width[band];
		const double *from = fit->coef + rows * lanes->start[band];
		double *at = to.coef + (n_genes + 1) * lanes->start[band];

		for (size_t row = 0; row < rows; row++) {
			size_t gene = row < fit->n_genes ? gene_map[row] : n_genes;

			if (gene != UINT32_MAX)
				memcpy(at + gene * width, from + row * width, width * sizeof(*at));
		}
	}
	return to;
}

static size_t pairs_for(size_t rows, size_t n_lanes)
{
	size_t pair = mem_product(mem_product(rows, n_lanes), 2 * sizeof(float));
	size_t pairs = PAIRS_BYTES / MAX(pair, 1);

	return MIN(PAIRS_MOST, MAX(PAIRS_LEAST, pairs));
}

size_t fit_memory(size_t n_genes, size_t n_classes, size_t n_cells, double tolerance)
{
	size_t lanes = lanes_needed(n_classes), rows = n_genes + 1;
	size_t numbers = mem_product(rows, lanes);
	size_t size = tolerance < WIDE_BELOW ? sizeof(double) : sizeof(float);

	return mem_product(pairs_for(rows, lanes) * 2 + 10, numbers * sizeof(float)) +
	       mem_product(mem_product(n_cells, lanes), 2 * size);
}

/* ---- one fit ---- */

static void tell(const struct fitting *s, size_t pass, size_t left)
{
	double most = 0, loss = 0;

	for (size_t l = 0; l < s->fit->lanes.n_used; l++) {
		most = fmax(most, s->fit->gradient[l]);
		loss += s->fit->objective[l];
	}
	listener_tell(&s->options->listener, (struct training_news){.event = TRAINING_PASS,
								    .pass = pass,
								    .n_left = left,
								    .loss = loss,
								    .gradient = most});
}

/*
 * Lanes whose direction did not go down start their memory afresh. Returns whether any lane above
 * the tolerance has moved.
 */
static bool moved(struct fitting *s)
{
	bool any = false;

	for (size_t l = 0; l < s->lanes.n_used; l++) {
		if (s->step[l] > 0)
			any |= s->largest[l] > s->options->tolerance;
		else
			lbfgs_forget(s->lbfgs, l);
	}
	return any;
}

static int run(struct fitting *s)
{
	size_t number = 0, left, idle = 0;

	if (fitting_begin(s))
		return -1;
	left = fitting_mark(s, 0);
	while (left && number < s->options->max_passes && idle < 2) {
		fitting_drop(s, left);
		if (fitting_pass(s, number == 0))
			return -1;
		number++;
		left = fitting_mark(s, number);
		tell(s, number, left);
		idle = moved(s) ? 0 : idle + 1;
	}
	s->fit->passes += number;
	s->fit->n_short = left;
	return 0;
}

int fit_run(struct fit *fit, struct design *design, size_t n_blocks, const struct scaling *scaling,
	    const int32_t *label, const struct fit_options *options, struct pool *pool,
	    struct err *err)
{
	bool wide = options->tolerance < WIDE_BELOW;
	struct fitting s = {
		.fit = fit,
		.options = options,
		.rows = fit->n_genes + 1,
		.err = err,
		.products = {.design = design,
			     .scaling = scaling,
			     .pool = pool,
			     .n_blocks = n_blocks,
			     .wide = wide},
		.loss = {.kind = options->loss,
			 .within = options->within,
			 .label = label,
			 .pool = pool,
			 .n_blocks = n_blocks,
			 .wide = wide},
	};
	int ret;

	fit->wide = wide;
	s.lanes = lanes_for(fit->lanes.class_of, fit->lanes.n_used, fit->lanes.n_classes);
	fitting_allocate(&s);
	fitting_weigh(&s);
	lanes_copy(s.coef, &s.lanes, fit->coef, &fit->lanes, s.rows, sizeof(double));
	s.lbfgs = lbfgs_new(s.rows, &s.lanes, pairs_for(s.rows, s.lanes.n),
			    options->loss == LOSS_SOFTMAX, pool);
	ret = run(&s);
	lanes_copy(fit->coef, &fit->lanes, s.coef, &s.lanes, s.rows, sizeof(double));
	lbfgs_free(s.lbfgs);
	fitting_release(&s);
	lanes_release(&s.lanes);
	free(s.weight_in);
	free(s.weight_out);
	return ret;
}

int fit_scores(const struct fit *fit, struct design *design, const struct scaling *scaling,
	       float *scores, struct pool *pool, struct err *err)
{
	struct products p = {.design = design,
			     .scaling = scaling,
			     .lanes = &fit->lanes,
			     .pool = pool,
			     .n_blocks = design->n_blocks};

	return products_forward(&p, fit->coef, scores, err);
}
