/* class_notes.c - see class_notes.h. */
#include "base/util.h"

#include "base/datadir.h"
#include "onto/onto_read.h"
#include "train/class_ids.h"
#include "train/class_notes.h"
#include "trust/lineage.h"

int class_notes_open(struct class_notes *n, const struct class_notes_rules *rules,
		     struct h5ad *file, struct err *err)
{
	struct frame *obs = h5ad_obs(file);
	const struct column *ids;

	*n = (struct class_notes){.rules = rules, .file = file};
	n->levels = names_of_list(rules->levels);
	for (size_t i = 0; i < n->levels.n; i++)
		if (!frame_column(obs, n->levels.s[i], err))
			return err_prefix(err, "%s", h5ad_path(file));
	if (rules->ids) {
		ids = frame_column(obs, rules->ids, err);
		if (!ids)
			return err_prefix(err, "%s", h5ad_path(file));
		n->ids = column_group(ids);
	}
	if (rules->map)
		n->map = labelmap_read(rules->map, err);
	return rules->map && !n->map ? -1 : 0;
}

/* How many classes the map names, and how many ids it has that are not sure enough. */
static void say_map(const struct class_notes *n, const struct model *m, size_t n_given,
		    struct text *said)
{
	size_t n_unsure = 0;

	for (size_t k = 0; k < m->n_classes; k++) {
		const struct labelmap_row *row = labelmap_find(n->map, m->classes[k]);

		n_unsure += row && *row->id && row->score < n->rules->min_score;
	}
	text_add(said, "%s: %zu of %zu classes have an ontology id", n->rules->map, n_given,
		 m->n_classes);
	if (n_unsure)
		text_add(said, "; %zu more score under %g (--min-score)", n_unsure,
			 n->rules->min_score);
}

void class_notes_give(const struct class_notes *n, const struct cohort *c, struct model *m,
		      struct text *said, struct text *warned)
{
	size_t n_split = 0;

	text_clear(said);
	text_clear(warned);
	if (n->rules->ids)
		text_add(said, "%s: %zu of %zu classes have an ontology id", n->rules->ids,
			 class_ids_from_cells(m, c, &n->ids, &n_split), m->n_classes);
	if (n_split)
		text_add(warned,
			 "%s: the cells of %zu classes have several ids: that of most is kept",
			 n->rules->ids, n_split);
	if (n->map)
		say_map(n, m, class_ids_from_map(m, n->map, n->rules->min_score), said);
	class_levels_give(&n->paths, m);
}

/* Which classes are below which, by their ids and levels. */
static int nest(struct class_notes *n, const struct cohort *c, struct err *err)
{
	struct model *m = model_new(c->n_classes, c->n_classes, 1);
	struct text said = TEXT_INIT, warned = TEXT_INIT;
	struct onto *onto = NULL;
	char *path = NULL;

	for (size_t k = 0; k < c->n_classes; k++)
		m->classes[k] = model_str(m, c->classes[k]);
	class_notes_give(n, c, m, &said, &warned);
	if (m->cl_ids) {
		path = datadir_find("ontology/cl.tsv", err);
		onto = path ? onto_read(path, NULL, err) : NULL;
	}
	if (!err_is_set(err))
		n->within = lineage_within(m, onto, err);
	if (!n->within && !err_is_set(err))
		err_refuse(err, "--loss hce: no class is below another by --ids, --map or "
				"--levels: softmax would be the same");
	text_release(&said);
	text_release(&warned);
	onto_free(onto);
	model_free(m);
	free(path);
	return n->within ? 0 : -1;
}

int class_notes_read(struct class_notes *n, const struct cohort *c, bool nested, struct err *err)
{
	if (class_levels_read(&n->paths, c, h5ad_obs(n->file), (const char *const *)n->levels.s,
			      n->levels.n, err) ||
	    (nested && nest(n, c, err)))
		return err_prefix(err, "%s", h5ad_path(n->file));
	return 0;
}

void class_notes_release(struct class_notes *n)
{
	free(n->within);
	labelmap_free(n->map);
	column_groups_release(&n->ids);
	names_release(&n->levels);
	class_levels_release(&n->paths);
}
