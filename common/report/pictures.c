/* pictures.c - see pictures.h. */
#include "base/util.h"

#include "report/pictures.h"
#include "report/sections.h"

/* A cell of the query's table goes into all its pictures; each may be NULL. */
static int watch_cell(void *arg, const struct seen_cell *seen, struct err *err)
{
	const struct pictures *p = arg;
	struct scatter *const all[] = {p->own, p->mapped, p->space};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i] && scatter_cell(all[i], seen, err))
			return -1;
	return 0;
}

static const char *watch_batch(void *arg, size_t row)
{
	const struct pictures *p = arg;

	return p->own ? scatter_batch(p->own, row) : NULL;
}

static int watch_domain(void *arg, const struct seen_cell *seen, struct err *err)
{
	return scatter_cell(arg, seen, err);
}

/* Without positions there is nothing to draw in space. */
static int open_space(struct scatter **s, const struct picture_files *files, struct err *err)
{
	struct scatter_plan plan = {.path = files->h5ad, .in_space = true, .side = files->side};

	*s = scatter_open(&plan, err);
	if (!*s)
		return -1;
	if (!(*s)->basis) {
		scatter_free(*s);
		*s = NULL;
	}
	return 0;
}

static int read_domains(struct pictures *p, const struct picture_files *files, struct err *err)
{
	struct query_watch watch = {.cell = watch_domain};

	if (!files->domains || !p->space)
		return 0;
	p->of_domains = query_new(files->domains);
	if (open_space(&p->domains, files, err))
		return -1;
	watch.arg = p->domains;
	if (query_read_clusters(p->of_domains, &watch, err))
		return -1;
	return scatter_done(p->domains, err);
}

static int open_all(struct pictures *p, const struct picture_files *files, struct err *err)
{
	struct scatter_plan own = {.path = files->h5ad, .batch = files->batch, .side = files->side};
	struct scatter_plan over = {
		.path = files->mapped, .ground = files->ground, .side = files->side};

	if (files->h5ad) {
		p->own = scatter_open(&own, err);
		if (!p->own || open_space(&p->space, files, err))
			return -1;
	}
	if (!files->mapped)
		return 0;
	p->mapped = scatter_open(&over, err);
	return p->mapped ? 0 : -1;
}

int pictures_read(struct pictures *p, struct query_summary *q, const struct picture_files *files,
		  struct err *err)
{
	struct query_watch watch = {
		.cell = watch_cell, .batch = files->batch ? watch_batch : NULL, .arg = p};

	*p = (struct pictures){0};
	if (open_all(p, files, err) || query_read(q, p->own || p->mapped ? &watch : NULL, err) ||
	    (p->own && scatter_done(p->own, err)) || (p->mapped && scatter_done(p->mapped, err)) ||
	    (p->space && scatter_done(p->space, err)))
		return -1;
	return read_domains(p, files, err);
}

void pictures_release(struct pictures *p)
{
	scatter_free(p->own);
	scatter_free(p->mapped);
	scatter_free(p->space);
	scatter_free(p->domains);
	query_free(p->of_domains);
	*p = (struct pictures){0};
}

void section_pictures(struct page *p, const struct query_summary *q, const struct pictures *all)
{
	bool twice = all->space && all->own->basis && str_eq(all->own->basis, "spatial");

	if (!twice)
		section_scatter(p, q, all->own, "Cells");
	section_scatter(p, q, all->mapped,
			all->mapped && all->mapped->ground->n ? "Cells over the atlas"
							      : "Cells in the latent space");
	section_scatter(p, q, all->space, twice ? "Cells" : "Cells in the tissue");
	if (all->domains)
		section_scatter(p, all->of_domains, all->domains, "Domains of the tissue");
}
