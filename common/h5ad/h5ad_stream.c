/* h5ad_stream.c - the cells of a slot: the storage it asks for, behind a stream. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/h5ad_stream.h"
#include "h5ad/storage/storage.h"

/* A wrong pick is the caller's mistake, not the file's. */
static void check_pick(const struct pick *pick, const struct slot *slot)
{
	for (size_t i = 0; pick->cells && i < pick->n_cells; i++)
		if (pick->cells[i] >= slot->n_cells || (i && pick->cells[i] <= pick->cells[i - 1]))
			BUG("picked cell %zu of %zu: %zu", i, slot->n_cells, pick->cells[i]);
	for (size_t i = 0; pick->gene_map && i < slot->n_genes; i++)
		if (pick->gene_map[i] != STRTAB_NONE && pick->gene_map[i] >= pick->n_genes)
			BUG("gene %zu becomes %u of %zu", i, pick->gene_map[i], pick->n_genes);
}

struct stream *h5ad_stream_limited(struct h5ad *f, const struct slot *slot, const struct pick *pick,
				   const struct stream_limits *limits, struct pool *pool,
				   struct err *err)
{
	const struct task task = {
		.file = f->h5.file,
		.file_name = f->h5.path,
		.path = slot->path,
		.n_rows = slot->n_cells,
		.n_columns = slot->n_genes,
		.row = "cell",
		.column = str_starts(slot->path, "/obsp/") ? "cell" : "gene",
		.pick = pick ? *pick : (struct pick){NULL, 0, NULL, 0},
		.limits = *limits,
		.pool = pool,
		.n_rounded = &f->n_rounded,
	};
	check_pick(&task.pick, slot);
	if (slot->n_genes > INT32_MAX || (slot->storage == SLOT_CSC && slot->n_cells > INT32_MAX))
		return err_null(err, "%s: %s: %zu cells x %zu genes are too many", f->h5.path,
				slot->path, slot->n_cells, slot->n_genes);
	struct storage *storage = slot->storage == SLOT_CSR   ? csr_storage(&task, err)
				  : slot->storage == SLOT_CSC ? csc_storage(&task, err)
							      : dense_storage(&task, err);
	if (!storage)
		return NULL;
	struct stream *s = storage_stream(storage, &task);
	s->integers = slot->integers;
	return s;
}

struct stream *h5ad_stream(struct h5ad *f, const struct slot *slot, const struct pick *pick,
			   struct pool *pool, struct err *err)
{
	const struct stream_limits limits = STREAM_LIMITS;

	return h5ad_stream_limited(f, slot, pick, &limits, pool, err);
}
