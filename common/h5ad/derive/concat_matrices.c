/* concat_matrices.c - matrices stream input by input; each input is judged while its X goes by. */
#include "base/util.h"

#include <math.h>

#include "base/progress.h"
#include "h5ad/derive/concat_private.h"
#include "matrix/norm.h"

/* ---- is everything normalised alike? ---- */

static bool alike(const struct norm_verdict *a, const struct norm_verdict *b)
{
	if (a->kind != b->kind)
		return false;
	if (isnan(a->target_sum) || isnan(b->target_sum))
		return true;
	return fabs(a->target_sum / b->target_sum - 1) < 0.01;
}

struct judge {
	struct norm_look *look; /* of the input at hand */
	struct norm_verdict first;
	size_t first_input;
	bool has_first;
};

/* An input is through: note its verdict, and refuse it if it is unlike the first. */
static int judge_input(struct concat *c, struct judge *j, size_t i, struct err *err)
{
	struct norm_verdict v = norm_judge(j->look);

	norm_look_free(j->look);
	j->look = NULL;
	if (isnan(v.integer_fraction)) /* nothing but zeros goes with anything */
		return 0;
	c->verdicts[i] = mem_str(norm_name(v.kind));
	if (!j->has_first) {
		j->has_first = true;
		j->first = v;
		j->first_input = i;
		return 0;
	}
	if (c->mixed || alike(&v, &j->first))
		return 0;
	return err_refuse(err,
			  "inputs are normalised differently: X of %s is %s (%s), of %s %s "
			  "(%s) (lognorm makes them alike; --mixed accepts them)",
			  h5ad_path(c->inputs[j->first_input]), norm_name(j->first.kind),
			  j->first.why, h5ad_path(c->inputs[i]), norm_name(v.kind), v.why);
}

/* ---- matrices ---- */

/* One slot as it stands in each input. */
struct joined {
	const char *name;
	const struct slot **slots; /* per input */
	const struct gene_join *genes;
	struct judge *judge; /* NULL: not judged */
};

static bool map_is_identity(const struct joined *m, size_t i)
{
	if (m->genes->n_genes[i] != m->genes->genes.n)
		return false;
	for (size_t k = 0; k < m->genes->n_genes[i]; k++)
		if (m->genes->maps[i][k] != k)
			return false;
	return true;
}

/* The cells of one input: judged as they are in the file, then moved to the joined genes. */
static int write_input(struct concat *c, const struct joined *m, size_t i, struct writer *out,
		       struct progress *progress, size_t done, struct err *err)
{
	struct stream *s = h5ad_stream(c->inputs[i], m->slots[i], NULL, c->pool, err);
	bool identity = map_is_identity(m, i);
	struct cells moved = {.n_cells = 0}, *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0) {
		if (m->judge)
			norm_look_at(m->judge->look, block, c->pool);
		progress_at(progress, done + block->first + block->n_cells);
		if (!identity) {
			cells_map_genes(block, m->genes->maps[i], m->genes->genes.n, &moved,
					c->pool);
			block = &moved;
		}
		if (writer_cells(out, block, err)) {
			got = -1;
			break;
		}
	}
	cells_release(&moved);
	stream_free(s);
	return got;
}

static int write_joined(struct concat *c, const struct joined *m, struct writer *out,
			struct err *err)
{
	struct progress progress = progress_start("cells", c->n_cells);
	bool integers = true;
	size_t done = 0;
	int ret;

	for (size_t i = 0; i < c->n; i++)
		integers &= m->slots[i]->integers;
	ret = writer_matrix(out, m->name, m->genes->genes.n, integers ? WRITE_COUNTS : WRITE_FLOAT,
			    err);
	for (size_t i = 0; i < c->n && ret == 0; i++) {
		if (m->judge)
			m->judge->look = norm_look_new();
		ret = write_input(c, m, i, out, &progress, done, err);
		if (ret == 0 && m->judge)
			ret = judge_input(c, m->judge, i, err);
		done += m->slots[i]->n_cells;
	}
	if (m->judge)
		norm_look_free(m->judge->look);
	progress_end(&progress);
	return ret ? -1 : writer_matrix_end(out, err);
}

static const struct slot *find_slot(const struct h5ad *f, const char *name)
{
	for (size_t i = 0; i < h5ad_n_slots(f); i++)
		if (str_eq(h5ad_slot_at(f, i)->name, name))
			return h5ad_slot_at(f, i);
	return NULL;
}

/* The slot in every input. False, with 'err' only for X, when one lacks it. */
static bool gather(struct concat *c, const char *name, const struct slot **slots, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		slots[i] = find_slot(c->inputs[i], name);
		if (slots[i])
			continue;
		if (str_eq(name, "X"))
			err_set(err, "%s: there is no X", h5ad_path(c->inputs[i]));
		else
			names_add(&c->left_out, name);
		return false;
	}
	return true;
}

/* raw has genes of its own, which are joined like the others. */
static int write_raw(struct concat *c, const struct slot **slots, struct writer *out,
		     struct err *err)
{
	struct gene_join genes = {.n_inputs = 0};
	struct joined m = {"raw", slots, &genes, NULL};
	struct frame *var = NULL;
	int ret = -1;

	for (size_t i = 0; i < c->n; i++) {
		struct frame *f = h5ad_raw_var(c->inputs[i], err);
		char **keys = f ? frame_keys(f, err) : NULL;
		if (!keys)
			goto release;
		if (names_repeated(keys, f->n_rows)) {
			names_add(&c->left_out, "raw (a gene name repeats)");
			ret = 0;
			goto release;
		}
		gene_join_add(&genes, keys, f->n_rows);
	}
	gene_join_finish(&genes, c->outer ? GENES_OUTER : GENES_INNER, NULL);
	if (genes.genes.n == 0) {
		ret = 0;
		goto release;
	}
	var = frame_new(genes.genes.n);
	frame_set_keys(var, genes.genes.s);
	ret = write_joined(c, &m, out, err);
	if (ret == 0)
		ret = writer_frame(out, "raw/var", var, err);
release:
	frame_free(var);
	gene_join_release(&genes);
	return ret;
}

int concat_matrices(struct concat *c, struct writer *out, struct err *err)
{
	const struct slot **slots = mem_zero(c->n, sizeof(*slots));
	struct judge judge = {.look = NULL};
	int ret = -1;

	if (gather(c, "X", slots, err)) {
		struct joined x = {"X", slots, &c->genes, &judge};
		ret = write_joined(c, &x, out, err);
	}
	for (size_t k = 0; ret == 0 && k < h5ad_n_slots(c->inputs[0]); k++) {
		const char *name = h5ad_slot_at(c->inputs[0], k)->name;
		if (str_eq(name, "X") || !gather(c, name, slots, err))
			continue;
		struct joined m = {name, slots, &c->genes, NULL};
		ret = str_eq(name, "raw") ? write_raw(c, slots, out, err)
					  : write_joined(c, &m, out, err);
	}
	free(slots);
	return ret;
}
