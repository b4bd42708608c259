/* concat_words.c - what a caller asks of concat in words, and what it is told; see concat.h. */
#include "base/util.h"

#include "h5ad/derive/concat.h"
#include "h5ad/frame/label_column.h"
#include "matrix/gene_panel.h"

int concat_name_keys(struct names *keys, const char *list, size_t n_inputs, struct err *err)
{
	const char *twice;
	char number[24];

	if (list)
		names_add_list(keys, list);
	for (size_t i = 0; !list && i < n_inputs; i++) {
		snprintf(number, sizeof(number), "%zu", i);
		names_add(keys, number);
	}
	if (keys->n != n_inputs)
		return err_set(err, "%zu keys for %zu inputs", keys->n, n_inputs);
	twice = names_repeated(keys->s, keys->n);
	return twice ? err_set(err, "\"%s\" stands twice", twice) : 0;
}

int unified_parse(struct unified *u, const char *text, size_t n_inputs, struct err *err)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text || !equals[1])
		return err_set(err, "should be DEST=COL1,COL2,...");
	u->name = mem_strn(text, (size_t)(equals - text));
	names_add_list(&u->columns, equals + 1);
	for (size_t i = 1; i < n_inputs && u->columns.n == i; i++)
		names_add(&u->columns, u->columns.s[0]);
	return u->columns.n == n_inputs
		       ? 0
		       : err_set(err, "%zu columns for %zu inputs", u->columns.n, n_inputs);
}

int concat_find_labels(struct concat *c, void (*tell)(const char *path, const char *column),
		       struct err *err)
{
	for (size_t u = 0; u < c->n_unified; u++)
		for (size_t i = 0; i < c->n; i++) {
			char **wanted = &c->unified[u].columns.s[i];
			const char *label = label_column(h5ad_obs(c->inputs[i]), *wanted, err);

			if (!label)
				return err_prefix(err, "%s", h5ad_path(c->inputs[i]));
			if (str_eq(label, *wanted))
				continue;
			tell(h5ad_path(c->inputs[i]), label);
			*wanted = (char *)label;
		}
	return 0;
}

int concat_write_missing(const struct concat *c, const char *path, struct err *err)
{
	const char **files = mem_zero(c->n, sizeof(*files));
	int ret;

	for (size_t i = 0; i < c->n; i++)
		files[i] = h5ad_path(c->inputs[i]);
	ret = gene_panel_write_lacks(c->panel, c->listed, files, c->n, path, err);
	free(files);
	return ret;
}
