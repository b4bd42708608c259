/* contents_list.c - what an object was found to hold, as it is found; see contents.h. */
#include "base/util.h"

#include "import/rds/contents.h"

void rds_contents_offer(struct rds_contents *c, const char *name, const struct rds_value *matrix,
			uint32_t *genes, uint32_t *cells)
{
	MEM_GROW(c->offers, c->n_offers + 1, c->cap_offers);
	c->offers[c->n_offers++] = (struct rds_offer){mem_str(name), matrix, genes, cells};
}

void rds_contents_embed(struct rds_contents *c, const char *name, const struct rds_value *matrix)
{
	MEM_GROW(c->embeddings, c->n_embeddings + 1, c->cap_embeddings);
	c->embeddings[c->n_embeddings++] = (struct rds_embedding){mem_str(name), matrix};
}
