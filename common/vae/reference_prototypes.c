/* reference_prototypes.c - prototypes of a reference's cells; see reference_prototypes.h. */
#include "base/util.h"

#include "base/mem.h"
#include "h5ad/frame/column.h"
#include "vae/query_batches.h"
#include "vae/reference_prototypes.h"
#include "vae/vae_latent.h"

#define AT_ONCE ((size_t)512)

static void learn(struct vae *v, const float *latent, const bool *empty, size_t n,
		  const uint32_t *label, const struct names *labels, size_t n_labels)
{
	prototypes_release(&v->prototypes);
	v->prototypes =
		prototypes_learn(latent, n, v->recipe.n_latent, label, empty, labels, n_labels);
}

/* ---- from a file ---- */

struct placed_cells {
	struct query_counts counts;
	struct query_batches batches;
	uint32_t *label; /* per cell a group, or labels.n */
	struct names labels;
	float *latent;
	bool *empty;
};

static int read_labels(struct placed_cells *r, struct h5ad *file,
		       const struct prototype_source *how, struct err *err)
{
	const struct column *c = frame_column(h5ad_obs(file), how->label, err);
	struct column_groups groups;
	size_t n_named = 0;

	if (!c)
		return -1;
	groups = column_group(c);
	r->labels = names_of(groups.names, groups.n);
	MEM_ZERO(r->label, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		int32_t code = groups.codes[i];
		bool none =
			code < 0 || (how->unlabeled && str_eq(groups.names[code], how->unlabeled));

		r->label[i] = none ? (uint32_t)groups.n : (uint32_t)code;
		n_named += !none;
	}
	column_groups_release(&groups);
	return n_named ? 0
		       : err_set(err, "%s: obs/%s: no cell has a label", h5ad_path(file),
				 how->label);
}

static int place_reference(struct vae *v, struct placed_cells *r, struct h5ad *file,
			   struct pool *pool, struct err *err)
{
	size_t n = h5ad_n_cells(file);
	struct stream *s = query_stream(&r->counts, NULL, 0, err);
	struct latent_wanted w = {0};
	int ret = -1;

	MEM_ZERO(r->latent, mem_product(n, v->recipe.n_latent) + 1);
	MEM_ZERO(r->empty, n + 1);
	w.latent = r->latent;
	w.empty = r->empty;
	if (s)
		ret = vae_latents(v, s, r->batches.of_cell, &w, pool, err);
	stream_free(s);
	return ret;
}

int prototypes_from_file(struct vae *v, struct h5ad *file, const struct prototype_source *how,
			 struct pool *pool, struct err *err)
{
	struct placed_cells r = {0};
	int ret = -1;

	if (query_open(&r.counts, file, how->slot, &v->genes, pool, err) ||
	    query_batches_find(&r.batches, v, file, how->batch, err) ||
	    read_labels(&r, file, how, err))
		goto release;
	if (r.batches.fresh.n)
		err_set(err,
			"%s: batch %s is not the model's: prototypes are of its own cells "
			"(vae-map --save-model learns a batch)",
			h5ad_path(file), r.batches.fresh.s[0]);
	else if (place_reference(v, &r, file, pool, err) == 0) {
		learn(v, r.latent, r.empty, h5ad_n_cells(file), r.label, &r.labels, r.labels.n);
		ret = 0;
	}
release:
	query_close(&r.counts);
	query_batches_release(&r.batches);
	names_release(&r.labels);
	free(r.label);
	free(r.latent);
	free(r.empty);
	return ret;
}

/* ---- from counts held ---- */

int prototypes_from_store(struct vae *v, struct count_store *store, const uint32_t *batch,
			  const uint32_t *label, const struct names *labels, size_t n_labels,
			  struct pool *pool, struct err *err)
{
	size_t n = count_store_n(store), width = v->recipe.n_latent;
	struct vae_work *work = vae_work_new(v, pool);
	struct cell_facts facts = {.batch = batch};
	struct fetched f = {0};
	float *latent = mem_zero(mem_product(n, width) + 1, sizeof(*latent));
	bool *empty = mem_zero(n + 1, sizeof(*empty));
	uint32_t cells[AT_ONCE];
	int ret = 0;

	for (size_t at = 0; at < n && ret == 0; at += AT_ONCE) {
		size_t here = MIN(AT_ONCE, n - at);
		const real *mean, *variance;

		for (size_t i = 0; i < here; i++) {
			cells[i] = (uint32_t)(at + i);
			empty[at + i] = !(count_store_total(store, at + i) > 0);
		}
		ret = count_store_fetch(store, cells, here, &facts, v->recipe.plain_counts, &f,
					err);
		if (ret)
			break;
		vae_encode(work, &f.cells, NULL, &mean, &variance);
		for (size_t i = 0; i < here * width; i++)
			latent[at * width + i] = (float)mean[i];
	}
	if (ret == 0)
		learn(v, latent, empty, n, label, labels, n_labels);
	fetched_release(&f);
	vae_work_free(work);
	free(latent);
	free(empty);
	return ret;
}
