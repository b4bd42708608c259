/* predictors.c - see predictors.h. */
#include "base/util.h"

#include <math.h>

#include "base/progress.h"
#include "expression/cell_names.h"
#include "model/predict/predictors.h"

/* Of the genes, or, where that is known, of what the scores vary by. */
static bool covers(const struct coverage *c, double least)
{
	double share = isnan(c->explained) ? c->genes : c->explained;

	return c->n_present && c->weight > 0 && share >= least;
}

static int match(struct predictors *p, size_t i, const struct model_set *set,
		 const struct input *input, const struct predictor_rules *rules, double least,
		 struct err *err)
{
	const char *name = set->names[i], *path = h5ad_path(input->file);
	struct coverage *c = &p->coverage[i];
	struct text said = TEXT_INIT;

	p->list[i] = predictor_new(set->models[i], name, input->genes, input->n_genes, rules, err);
	if (!p->list[i])
		return err_prefix(err, "%s", name);
	*c = predictor_coverage(p->list[i]);
	if (c->repeated)
		return err_refuse(
			err,
			"%s has gene %s twice, and %s has it too: which of the two "
			"weights is meant is not known (take the gene out of one of them)",
			name, c->repeated, path);
	predictor_coverage_text(p->list[i], path, &said);
	p->said[i] = text_take(&said);
	if (covers(c, least)) {
		p->n_matched++;
		return 0;
	}
	predictor_free(p->list[i]);
	p->list[i] = NULL;
	return 0;
}

int predictors_match(struct predictors *p, const struct model_set *set, const struct input *input,
		     const struct predictor_rules *rules, double least, struct err *err)
{
	int ret = 0;

	*p = (struct predictors){.n = set->n};
	MEM_ZERO(p->list, set->n);
	MEM_ZERO(p->coverage, set->n);
	MEM_ZERO(p->said, set->n);
	for (size_t i = 0; i < set->n && !ret; i++)
		ret = match(p, i, set, input, rules, least, err);
	return ret;
}

static int predict_block(struct predictors *p, struct input *input, struct cell_names *seen,
			 const struct cells *block, struct pool *pool, struct err *err)
{
	char *const *names = input_cells(input, block->first, block->n_cells, err);

	if (!names)
		return -1;
	cell_names_add(seen, names, block->n_cells);
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i] && predictor_add(p->list[i], block, names, pool, err))
			return -1;
	return 0;
}

int predictors_run(struct predictors *p, struct input *input, struct pool *pool, struct err *err)
{
	struct stream *s = input_stream(input, NULL, 0, err);
	struct progress progress = progress_start("cells", s ? s->n_cells : 0);
	struct cell_names seen = {0};
	struct cells *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0) {
		if (predict_block(p, input, &seen, block, pool, err)) {
			got = -1;
			break;
		}
		progress_at(&progress, block->first + block->n_cells);
	}
	progress_end(&progress);
	stream_free(s);
	if (got == 0)
		got = cell_names_check(&seen, input, err);
	for (size_t i = 0; i < p->n && got == 0; i++)
		if (p->list[i])
			got = predictor_finish(p->list[i], err);
	cell_names_release(&seen);
	return got;
}

void predictors_release(struct predictors *p)
{
	for (size_t i = 0; i < p->n; i++)
		predictor_free(p->list[i]);
	for (size_t i = 0; i < p->n; i++)
		free(p->said[i]);
	free(p->list);
	free(p->coverage);
	free(p->said);
	*p = (struct predictors){.n = 0};
}
