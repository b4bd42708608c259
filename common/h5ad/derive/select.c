/* select.c - see select.h. */
#include "base/util.h"

#include "base/progress.h"
#include "h5ad/derive/select.h"
#include "h5ad/h5ad_stream.h"

struct frame *frame_take(struct frame *f, const size_t *rows, size_t n, struct err *err)
{
	char **keys = frame_keys(f, err), **taken;

	if (!keys)
		return NULL;
	struct frame *part = frame_new(n);
	MEM_ARRAY(taken, n);
	for (size_t i = 0; i < n; i++)
		taken[i] = keys[rows[i]];
	frame_set_keys(part, taken);
	free(taken);
	free(part->key_name);
	part->key_name = mem_str(f->key_name);
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *c = frame_column_at(f, i, err);
		if (!c) {
			frame_free(part);
			return NULL;
		}
		struct column some = column_take(c, rows, n);
		column_drop_unused(&some);
		frame_add(part, &some);
		frame_forget(f, c);
	}
	return part;
}

/*
 * A block of picked cells stands on more of the file than it holds. Smaller blocks keep what is
 * decoded at once as small as it is without a pick.
 */
static struct stream_limits limits_for(const struct slot *slot, const struct pick *pick)
{
	struct stream_limits limits = STREAM_LIMITS;

	if (pick && pick->cells && pick->n_cells) {
		size_t part = slot->n_cells / pick->n_cells;
		limits.cells = MAX(limits.cells / part, (size_t)256);
		limits.stored = MAX(limits.stored / part, (size_t)1 << 14);
	}
	return limits;
}

/* A slot's cells to a matrix of the writer, with the slot's type kept. 'pick' may be NULL. */
static int slot_write(struct h5ad *in, const struct slot *slot, const struct pick *pick,
		      struct writer *w, struct pool *pool, struct err *err)
{
	size_t n_genes = pick && pick->gene_map ? pick->n_genes : slot->n_genes;
	size_t n_cells = pick && pick->cells ? pick->n_cells : slot->n_cells;
	struct stream_limits limits = limits_for(slot, pick);
	struct stream *s = h5ad_stream_limited(in, slot, pick, &limits, pool, err);
	struct progress progress = progress_start("cells", n_cells);
	struct cells *block;
	int got = -1;

	if (s && !writer_matrix(w, slot->name, n_genes, slot->integers ? WRITE_COUNTS : WRITE_FLOAT,
				err)) {
		while ((got = stream_next(s, &block, err)) > 0) {
			if (writer_cells(w, block, err)) {
				got = -1;
				break;
			}
			progress_at(&progress, block->first + block->n_cells);
		}
	}
	progress_end(&progress);
	stream_free(s);
	return got < 0 ? -1 : writer_matrix_end(w, err);
}

/* Is the slot whole, so that its bytes can be carried? */
static bool is_whole(const struct slot *slot, const struct selection *part)
{
	return !part->repack && !part->cells && (!part->genes || str_eq(slot->name, "raw"));
}

/* Where each gene goes: its place in the list, or nowhere. */
static uint32_t *make_map(const struct selection *part, size_t n_genes)
{
	uint32_t *map;

	MEM_ARRAY(map, n_genes);
	for (size_t i = 0; i < n_genes; i++)
		map[i] = STRTAB_NONE;
	for (size_t i = 0; i < part->n_genes; i++)
		map[part->genes[i]] = (uint32_t)i;
	return map;
}

static int write_slots(struct h5ad *in, const struct selection *part, struct writer *w,
		       struct pool *pool, struct err *err)
{
	uint32_t *map = part->genes ? make_map(part, h5ad_n_genes(in)) : NULL;
	int ret = 0;

	for (size_t i = 0; i < h5ad_n_slots(in) && ret == 0; i++) {
		const struct slot *slot = h5ad_slot_at(in, i);
		bool raw = str_eq(slot->name, "raw");
		struct pick pick = {
			.cells = part->cells,
			.n_cells = part->n_cells,
			.gene_map = raw ? NULL : map,
			.n_genes = part->n_genes,
		};

		if (is_whole(slot, part)) {
			ret = writer_carry(w, in, slot->name, err);
			continue;
		}
		ret = slot_write(in, slot, &pick, w, pool, err);
		if (ret == 0 && raw) {
			struct frame *var = h5ad_raw_var(in, err);
			ret = var ? writer_frame(w, "raw/var", var, err) : -1;
			if (ret == 0)
				ret = writer_carry(w, in, "raw/varm", err);
		}
	}
	free(map);
	return ret;
}

static int write_side(struct frame *f, const char *name, const size_t *rows, size_t n,
		      struct writer *w, struct err *err)
{
	struct frame *part;
	int ret;

	if (!f)
		return -1;
	if (!rows)
		return writer_frame(w, name, f, err);
	part = frame_take(f, rows, n, err);
	ret = part ? writer_frame(w, name, part, err) : -1;
	frame_free(part);
	return ret;
}

int selection_write(struct h5ad *in, const struct selection *part, struct writer *w,
		    struct pool *pool, struct err *err)
{
	if (write_slots(in, part, w, pool, err))
		return -1;
	if (write_side(h5ad_obs(in), "obs", part->cells, part->n_cells, w, err))
		return -1;
	if (write_side(h5ad_var(in), "var", part->genes, part->n_genes, w, err))
		return -1;
	return writer_carry_taken(w, in, part->cells, part->n_cells, part->genes, part->n_genes,
				  err);
}

int keep_rich_cells(struct h5ad *in, const size_t *genes, size_t n_genes, size_t least, bool *keep,
		    struct pool *pool, struct err *err)
{
	const struct slot *slot = h5ad_slot(in, "X", err);
	struct stream *s = slot ? h5ad_stream(in, slot, NULL, pool, err) : NULL;
	bool *counts = mem_zero(h5ad_n_genes(in), 1);
	struct cells *block;
	int got = -1;

	for (size_t i = 0; i < h5ad_n_genes(in); i++)
		counts[i] = !genes;
	for (size_t i = 0; genes && i < n_genes; i++)
		counts[genes[i]] = true;
	while (s && (got = stream_next(s, &block, err)) > 0) {
		for (size_t i = 0; i < block->n_cells; i++) {
			size_t n = 0;
			for (size_t k = block->starts[i]; k < block->starts[i + 1]; k++)
				n += counts[block->genes[k]] && block->values[k] != 0;
			if (n < least)
				keep[block->first + i] = false;
		}
	}
	stream_free(s);
	free(counts);
	return got;
}
