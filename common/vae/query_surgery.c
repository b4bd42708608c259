/* query_surgery.c - new batches learned from a query; see query_surgery.h. */
#include "base/util.h"

#include "vae/query_surgery.h"
#include "vae/vae_surgery.h"

int query_surgery(struct vae **model, struct query_counts *counts,
		  const struct query_batches *batches, struct surgery_plan *plan, struct pool *pool,
		  struct err *err)
{
	size_t n_old = (*model)->recipe.n_batches;
	struct vae *q = vae_extend(*model, batches->fresh.s, batches->fresh.n, plan->seed);
	struct vae_training t = VAE_TRAINING;
	uint32_t *label = query_labels(q, counts->file, &plan->n_labelled);
	int ret = -1;

	vae_free(*model);
	*model = q;
	vae_train_batches(q, n_old);
	if (!plan->dropout)
		q->encoder.dropout = q->classifier.dropout = q->up.dropout = 0;
	t.model = q;
	t.store = count_store_of(query_stream(counts, NULL, 0, err), counts->n_genes, plan->memory,
				 err);
	t.batch = batches->of_cell;
	t.label = label;
	t.cache_first = true;
	t.epochs = plan->epochs;
	t.train_share = 1;
	t.rate = plan->rate;
	t.decay = 0;
	t.watch = plan->patience ? WATCH_TRAIN : WATCH_NOTHING;
	t.patience = plan->patience;
	t.least_gain = plan->gain;
	t.seed = plan->seed;
	t.hear = plan->hear;
	t.listener = plan->listener;
	if (t.store)
		ret = vae_train(&t, pool, err);
	plan->n_done = t.n_done;
	plan->stopped_early = t.stopped_early;
	count_store_free(t.store);
	free(label);
	return ret;
}
