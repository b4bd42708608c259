/* mtl_votes.c - votes of the nearest cells; see mtl_votes.h. */
#include "base/util.h"

#include "base/mem.h"
#include "graph/nearest.h"
#include "linalg/gemm.h"
#include "mtl/mtl_votes.h"

#define ROWS ((size_t)32) /* cells of a part */

struct mtl_votes mtl_votes_new(const struct mtl *m, size_t k)
{
	struct mtl_votes v = {.m = m, .k = MIN(k, m->neighbours.n)};
	size_t width = mtl_width(m);

	MEM_ZERO(v.squares, m->neighbours.n + 1);
	for (size_t i = 0; i < m->neighbours.n; i++)
		for (size_t j = 0; j < width; j++) {
			float x = m->neighbours.latent[i * width + j];

			v.squares[i] += x * x;
		}
	return v;
}

void mtl_votes_release(struct mtl_votes *v)
{
	free(v->squares);
	*v = (struct mtl_votes){0};
}

struct job {
	const struct mtl_votes *v;
	const float *latent;
	size_t n;
	float *const *votes;
};

/* The place is (x - y)^2 but for x^2, which is the same for all. */
static void vote_rows(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct mtl *m = j->v->m;
	const struct mtl_neighbours *nb = &m->neighbours;
	size_t width = mtl_width(m), from = part * ROWS, n = MIN(ROWS, j->n - from);
	float *products = mem_alloc(n * nb->n + 1, sizeof(*products));
	struct near_candidate *list = mem_alloc(j->v->k + 1, sizeof(*list));

	gemm_float((struct gemm){.m = n, .n = nb->n, .k = width, .b_turned = true},
		   j->latent + from * width, width, nb->latent, width, products, nb->n);
	for (size_t i = 0; i < n; i++) {
		const float *row = products + i * nb->n;
		struct nearest near = {list, 0, j->v->k};

		for (uint32_t c = 0; c < nb->n; c++)
			nearest_offer(&near,
				      (struct near_candidate){j->v->squares[c] - 2 * row[c], c});
		for (size_t c = 0; c < near.n; c++)
			for (size_t k = 0; k < m->levels.n; k++) {
				uint32_t node = nb->node[list[c].point * m->levels.n + k];

				if (node != MTL_NONE)
					j->votes[k][(from + i) * m->levels.level[k].labels.n +
						    node] += 1.0f / (float)j->v->k;
			}
	}
	free(products);
	free(list);
}

void mtl_votes_of(const struct mtl_votes *v, const float *latent, size_t n, float *const *votes,
		  struct pool *pool)
{
	struct job j = {v, latent, n, votes};

	for (size_t k = 0; k < v->m->levels.n; k++)
		memset(votes[k], 0, n * v->m->levels.level[k].labels.n * sizeof(float));
	pool_run(pool, (n + ROWS - 1) / ROWS, vote_rows, &j);
}
