/* mtl_model.c - a multi-task mapper; see mtl_model.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "mtl/mtl_model.h"

#define MOST_UNITS ((size_t)1 << 14)
#define MOST_GENES ((size_t)1 << 22)

struct mtl *mtl_new(const struct mtl_recipe *recipe, struct mtl_levels *levels)
{
	struct mtl *m;
	size_t n_in = recipe->n_genes;

	MEM_ZERO(m, 1);
	m->recipe = *recipe;
	m->levels = *levels;
	*levels = (struct mtl_levels){0};
	for (size_t i = 0; i < MTL_LAYERS; i++) {
		m->layer[i] = stack_new(n_in, 0, recipe->hidden[i], 1, false, false, false);
		m->layer[i].dropout = recipe->dropout;
		m->layer[i].number = (unsigned)i;
		n_in = recipe->hidden[i];
	}
	for (size_t k = 0; k < m->levels.n; k++) {
		m->head[k] = dense_new(n_in, 0, m->levels.level[k].labels.n);
		m->temperature[k] = 1;
	}
	return m;
}

struct mtl_coordinate *mtl_add_coordinate(struct mtl *m, const char *name, size_t width)
{
	struct mtl_coordinate *c = &m->coordinate[m->n_coordinates];

	if (m->n_coordinates == MTL_COORDINATES)
		BUG("more than %d coordinates", MTL_COORDINATES);
	m->n_coordinates++;
	c->name = mem_str(name);
	c->width = width;
	MEM_ZERO(c->mean, width + 1);
	MEM_ZERO(c->sd, width + 1);
	for (size_t i = 0; i < width; i++)
		c->sd[i] = 1;
	c->head = dense_new(mtl_width(m), 0, width);
	return c;
}

void mtl_free(struct mtl *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < MTL_LAYERS; i++)
		stack_free(&m->layer[i]);
	for (size_t k = 0; k < m->levels.n; k++)
		dense_free(&m->head[k]);
	for (size_t i = 0; i < m->n_coordinates; i++) {
		free(m->coordinate[i].name);
		free(m->coordinate[i].mean);
		free(m->coordinate[i].sd);
		dense_free(&m->coordinate[i].head);
	}
	free(m->neighbours.latent);
	free(m->neighbours.node);
	names_release(&m->genes);
	mtl_levels_release(&m->levels);
	free(m);
}

static size_t add_dense(struct param **params, size_t n, struct dense *d)
{
	params[n] = &d->weight;
	params[n + 1] = &d->bias;
	return n + 2;
}

size_t mtl_params(struct mtl *m, struct param *params[MTL_PARAMS])
{
	size_t n = 0;

	for (size_t i = 0; i < MTL_LAYERS; i++)
		n = add_dense(params, n, &m->layer[i].layer[0]);
	for (size_t k = 0; k < m->levels.n; k++)
		n = add_dense(params, n, &m->head[k]);
	for (size_t i = 0; i < m->n_coordinates; i++)
		n = add_dense(params, n, &m->coordinate[i].head);
	return n;
}

static void init_dense(struct dense *d, const struct noise *noise, uint64_t key)
{
	double width = 1 / sqrt((double)d->n_in);

	for (size_t i = 0; i < d->weight.n; i++)
		d->weight.value[i] =
			(real)((2 * noise_unit(noise, NOISE_INIT, key, i) - 1) * width);
	for (size_t i = 0; i < d->bias.n; i++)
		d->bias.value[i] =
			(real)((2 * noise_unit(noise, NOISE_INIT, key + 1, i) - 1) * width);
}

void mtl_init(struct mtl *m, uint64_t seed)
{
	struct noise noise = {.seed = seed};

	for (size_t i = 0; i < MTL_LAYERS; i++)
		init_dense(&m->layer[i].layer[0], &noise, 2 * i);
	for (size_t k = 0; k < m->levels.n; k++)
		init_dense(&m->head[k], &noise, 100 + 2 * k);
	for (size_t i = 0; i < m->n_coordinates; i++)
		init_dense(&m->coordinate[i].head, &noise, 200 + 2 * i);
}

int mtl_recipe_check(const struct mtl_recipe *r, const char *where, struct err *err)
{
	for (size_t i = 0; i < MTL_LAYERS; i++)
		if (!r->hidden[i] || r->hidden[i] > MOST_UNITS)
			return err_set(err, "%s: a layer of %zu units: 1 to %zu", where,
				       r->hidden[i], MOST_UNITS);
	if (!r->n_genes || r->n_genes > MOST_GENES)
		return err_set(err, "%s: %zu genes: 1 to %zu", where, r->n_genes, MOST_GENES);
	if (!(r->dropout >= 0 && r->dropout < 1))
		return err_set(err, "%s: dropout %g: from 0 to below 1", where, r->dropout);
	return 0;
}
