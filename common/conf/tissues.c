/* tissues.c - looks a tissue up, any case, and knows what to do with others. */
#include "base/util.h"

#include <ctype.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/tissues.h"

static char letter(char c)
{
	return c == '-' || c == ' ' ? '_' : (char)tolower((unsigned char)c);
}

static bool same_name(const char *a, const char *b)
{
	while (*a && letter(*a) == letter(*b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static const struct yaml_node *find(const struct yaml_node *root, const char *tissue)
{
	for (size_t i = 0; i < root->n; i++)
		if (same_name(root->keys[i]->text, tissue))
			return root->items[i];
	return NULL;
}

/* All tissues, the one that the word is nearest to first. */
static char *name_nearest(const struct yaml_node *root, const char *tissue)
{
	struct text t = TEXT_INIT;
	const char **names;
	const char *nearest;
	char *all;

	MEM_ARRAY(names, root->n + 1);
	for (size_t i = 0; i < root->n; i++)
		names[i] = root->keys[i]->text;
	nearest = nearest_name(tissue, names, root->n);
	if (nearest)
		text_add(&t, "%s", nearest);
	for (size_t i = 0; i < root->n; i++)
		if (!str_eq(names[i], "unknown") && (!nearest || !str_eq(names[i], nearest)))
			text_add(&t, "%s%s", t.len ? ", " : "", names[i]);
	free(names);
	all = mem_str(t.s ? t.s : "");
	text_release(&t);
	return all;
}

int tissue_find(struct tissue_models *t, const char *path, const char *tissue, struct err *err)
{
	*t = (struct tissue_models){.presets = yaml_read(path, err)};
	if (!t->presets)
		return -1;
	t->models = find(t->presets->root, tissue);
	t->is_fallback = !t->models;
	t->nearest = name_nearest(t->presets->root, tissue);
	if (!t->models)
		t->models = find(t->presets->root, "unknown");
	if (t->models)
		return 0;
	err_set(err, "%s: has no models for %s, nor for \"unknown\" tissues", path, tissue);
	tissue_release(t);
	return -1;
}

void tissue_release(struct tissue_models *t)
{
	yaml_close(t->presets);
	free(t->nearest);
	*t = (struct tissue_models){.presets = NULL};
}
