/* validate.c - see validate.h. */
#include "base/util.h"

#include "base/outfile.h"
#include "format/tsv.h"
#include "train/folds.h"
#include "train/validate.h"

int validate_held(struct tally *scores, const struct trained *t, struct design *d,
		  const int32_t *truth, const uint8_t *held, struct pool *pool, struct err *err)
{
	const struct lanes *lanes = &t->fit.lanes;
	float *all = mem_vectors(mem_product(d->n_slots, lanes->n), sizeof(*all));
	float *row = mem_alloc(lanes->n, sizeof(*row));
	int ret = fit_scores(&t->fit, d, &t->scaling, all, pool, err);

	*scores = tally_new(lanes->n_classes);
	for (size_t slot = 0; slot < d->n_slots && !ret; slot++) {
		if (!held[slot])
			continue;
		folds_score_row(lanes, d->n_slots, all, slot, row);
		tally_add(scores, (size_t)truth[slot], folds_call(lanes, row, NULL));
	}
	tally_finish(scores);
	free(all);
	free(row);
	return ret;
}

/* ---- cross-validation ---- */

static int write_oof(const struct folds *f, const char *path, char *const *cells, struct err *err)
{
	const struct cohort *c = f->cohort;
	struct outfile *out = outfile_open(path, err);
	struct tsv_writer w = {.path = path};
	size_t first = c->n_classes - f->n_lanes; /* two classes have one column, the second's */

	if (!out)
		return -1;
	w.file = outfile_stream(out);
	tsv_put(&w, "cell");
	tsv_put(&w, "label");
	tsv_put(&w, "call");
	tsv_put(&w, "fold");
	for (size_t l = 0; l < f->n_lanes; l++)
		tsv_put(&w, c->classes[first + l]);
	tsv_end_row(&w);
	for (size_t i = 0; i < c->n; i++) {
		if (c->held && c->held[i])
			continue;
		tsv_put(&w, cells[c->rows[i]]);
		tsv_put(&w, c->classes[c->class_of[i]]);
		tsv_put(&w, c->classes[f->calls[i]]);
		tsv_put_size(&w, c->fold[i] + (size_t)1);
		for (size_t l = 0; l < f->n_lanes; l++)
			tsv_put_float(&w, (double)f->decisions[i * f->n_lanes + l]);
		tsv_end_row(&w);
	}
	if (tsv_writer_close(&w, err)) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}

int validate_folds(struct tally *scores, struct design *d, const struct cohort *c,
		   const int32_t *truth, const struct train_options *options, const char *oof,
		   char *const *cells, struct pool *pool, struct err *err)
{
	struct folds f = {.design = d,
			  .cohort = c,
			  .truth = truth,
			  .options = options,
			  .pool = pool,
			  .scores = scores};
	int ret;

	*scores = tally_new(c->n_classes);
	folds_start(&f, oof != NULL);
	ret = folds_run(&f, 0, c->n_folds, err);
	tally_finish(scores);
	if (!ret && oof)
		ret = write_oof(&f, oof, cells, err);
	folds_release(&f);
	return ret;
}
