/* predictors.c - see predictors.h. */
#include "base/util.h"

#include "base/progress.h"
#include "expression/cell_names.h"
#include "model/predict/predictors.h"

void predictors_init(struct predictors *p, size_t n)
{
	p->n = n;
	MEM_ZERO(p->list, n);
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
	free(p->list);
	*p = (struct predictors){.n = 0};
}
