/* concat_write.c - writing: matrices while obs is joined, then obs, var, and what follows cells
 * and genes. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/storage/storage.h"

/* ---- var ---- */

/* Does the column say the same of every gene in all inputs? */
static bool agrees(struct concat *c, const char *name, size_t *const *rows, struct err *err)
{
	const struct column *first = frame_column(h5ad_var(c->inputs[0]), name, err);
	struct text ours = TEXT_INIT, theirs = TEXT_INIT;
	bool same = first;

	for (size_t i = 1; i < c->n && same; i++) {
		struct frame *var = h5ad_var(c->inputs[i]);
		const struct column *other =
			frame_find(var, name) ? frame_column(var, name, err) : NULL;
		same = other;
		for (size_t k = 0; k < c->genes.genes.n && same; k++)
			same = str_eq(column_text(first, rows[0][k], &ours),
				      column_text(other, rows[i][k], &theirs));
	}
	text_release(&ours);
	text_release(&theirs);
	return same;
}

static int write_var(struct concat *c, struct writer *out, struct err *err)
{
	size_t **rows = mem_zero(c->n, sizeof(*rows)), n = c->genes.genes.n;
	struct frame *var = frame_new(n), *first = h5ad_var(c->inputs[0]);
	bool everywhere = true;
	int ret;

	frame_set_keys(var, c->genes.genes.s);
	for (size_t i = 0; i < c->n; i++) {
		rows[i] = concat_rows_of(c, i);
		for (size_t k = 0; k < n; k++)
			everywhere &= rows[i][k] != SIZE_MAX;
	}
	for (size_t k = 0; everywhere && k < first->n_columns; k++) {
		char *name = mem_str(first->columns[k].name); /* reading a column replaces it */
		if (agrees(c, name, rows, err)) {
			struct column same = column_take(frame_find(first, name), rows[0], n);
			column_drop_unused(&same);
			frame_add(var, &same);
		}
		free(name);
	}
	ret = err_is_set(err) ? -1 : writer_frame(out, "var", var, err);
	for (size_t i = 0; i < c->n; i++)
		free(rows[i]);
	free(rows);
	frame_free(var);
	return ret;
}

/* ---- obs, joined while the matrices are written ---- */

struct joining {
	struct concat *c;
	struct pool_job *job;
	struct err err;
	int ret;
};

static void join_part(void *job, size_t part UNUSED)
{
	struct joining *j = job;

	h5_quiet();
	j->ret = concat_obs(j->c, &j->err);
}

static void start_joining(struct joining *j)
{
	if (j->c->obs)
		return;
	if (hdf5_is_threadsafe())
		j->job = pool_start(j->c->pool, 1, join_part, j);
	else
		join_part(j, 0);
}

static int end_joining(struct joining *j, struct err *err)
{
	if (j->job)
		pool_wait(j->c->pool, j->job);
	return j->ret ? err_set(err, "%s", j->err.text) : 0;
}

int concat_write(struct concat *c, struct writer *out, struct err *err)
{
	struct joining joining = {.c = c, .err = ERR_INIT};
	int ret;

	c->verdicts = mem_zero(c->n, sizeof(*c->verdicts));
	start_joining(&joining);
	ret = concat_matrices(c, out, err);
	if (end_joining(&joining, err) || ret || writer_frame(out, "obs", c->obs, err))
		return -1;
	return write_var(c, out, err) || concat_members(c, out, err) ? -1 : 0;
}
