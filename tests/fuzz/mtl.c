/* mtl - damaged models of mtl-train, read in a child, and used when they are read.
 *
 *	mtl CASES SEED ref.h5ad
 *
 * A model is made of the file's genes and labels, with coordinates and neighbours, and damaged as
 * container.h says. A case is fine when it is refused with one line, or read and then gives cells
 * probabilities that are numbers, a child's within its parent's, and a call.
 */
/* inputs: tests/golden/vae/ref.h5ad
 * cases: 300 */
#include "base/util.h"

#include "container.h"
#include "h5ad/h5ad.h"
#include "mtl/mtl_decide.h"
#include "mtl/mtl_file.h"
#include "mtl/mtl_step.h"

#define CELLS ((size_t)4)

static const char *const arrays[] = {
	"recipe/hidden_1",      "recipe/dropout",        "recipe/levels",
	"recipe/coordinates",   "levels/1/parent",       "levels/2/parent",
	"levels/2/temperature", "params/layer_1.weight", "params/layer_2.bias",
	"params/head_1.weight", "params/head_2.bias",    "params/coordinate_1.weight",
	"coordinates/1/mean",   "coordinates/1/sd",      "neighbours/latent",
	"neighbours/node"};

static void die_of(const struct err *err)
{
	fprintf(stderr, "%s\n", err->text);
	exit(2);
}

static void keep_neighbours(struct mtl *m)
{
	struct mtl_neighbours *nb = &m->neighbours;

	nb->n = 6;
	nb->latent = mem_zero(nb->n * mtl_width(m), sizeof(*nb->latent));
	nb->node = mem_zero(nb->n * m->levels.n, sizeof(*nb->node));
	nb->node[3] = MTL_NONE;
}

static void make_model(const char *from, const char *path)
{
	static const char *const names[] = {"batch", "truth"};
	struct mtl_recipe recipe = {.hidden = {16, 8}, .dropout = 0.2};
	struct mtl_levels levels = {0};
	struct err err = ERR_INIT;
	struct h5ad *f = h5ad_open(from, &err);
	const struct column *columns[2];
	uint32_t **node;
	char **genes = f ? frame_keys(h5ad_var(f), &err) : NULL;
	struct mtl *m;

	for (size_t i = 0; i < 2; i++) {
		columns[i] = genes ? frame_column(h5ad_obs(f), names[i], &err) : NULL;
		if (!columns[i])
			die_of(&err);
	}
	recipe.n_genes = h5ad_n_genes(f);
	node = mtl_levels_read(&levels, columns, names, 2, NULL);
	m = mtl_new(&recipe, &levels);
	m->genes = names_of(genes, recipe.n_genes);
	mtl_add_coordinate(m, "X_umap", 2);
	mtl_init(m, 1);
	keep_neighbours(m);
	if (mtl_write(m, path, &err))
		die_of(&err);
	free(node[0]);
	free(node[1]);
	free(node);
	mtl_free(m);
	h5ad_close(f);
}

/* Every node's probability is one, and within its parent's. */
static bool are_probabilities(const struct mtl *m, float *const *p)
{
	for (size_t k = 0; k < m->levels.n; k++) {
		const struct mtl_level *l = &m->levels.level[k];
		size_t n = l->labels.n, above = k ? m->levels.level[k - 1].labels.n : 1;

		for (size_t i = 0; i < CELLS * n; i++) {
			float most = k ? p[k - 1][i / n * above + l->parent[i % n]] : 1;

			if (!(p[k][i] >= 0 && p[k][i] <= most + 1e-6F))
				return false;
		}
	}
	return true;
}

static int use(struct mtl *m)
{
	static const size_t starts[CELLS + 1] = {0, 0, 1, 2, 2};
	static const real values[2] = {1, 3};
	const uint32_t column[2] = {0, (uint32_t)m->recipe.n_genes - 1};
	struct pool *pool = pool_new(1);
	struct mtl_work *w = mtl_work_new(m, pool);
	float *p[MTL_LEVELS];
	const float *first[MTL_LEVELS];
	struct mtl_rules rules = MTL_RULES;
	struct mtl_call calls[MTL_LEVELS];
	int status;

	for (size_t k = 0; k < m->levels.n; k++)
		first[k] = p[k] = mem_zero(CELLS * m->levels.level[k].labels.n + 1, sizeof(float));
	mtl_forward(w, (struct rows){CELLS, NULL, starts, column, values}, NULL, NULL);
	mtl_probabilities(w, CELLS, p);
	status = are_probabilities(m, p) ? READ : NOT_FINITE;
	mtl_decide(m, first, NULL, &rules, calls);
	for (size_t k = 0; k < m->levels.n; k++)
		free(p[k]);
	mtl_work_free(w);
	pool_free(pool);
	return status;
}

static int read_and_use(const char *path)
{
	struct err err = ERR_INIT;
	struct mtl *m = mtl_read(path, &err);
	int status = m ? use(m) : container_refusal(&err);

	mtl_free(m);
	return status;
}

int main(int argc, char **argv)
{
	static const struct container_fuzz f = {"mtl", make_model,   arrays, ARRAY_LEN(arrays),
						300,   read_and_use, NULL};

	return container_main(&f, argc, argv);
}
