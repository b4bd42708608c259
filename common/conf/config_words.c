/* config_words.c - words, paths and numbers of a config file, and what is wrong with them. */
#include "base/util.h"

#include <ctype.h>
#include <libgen.h>
#include <unistd.h>

#include "conf/conf_private.h"

/* A copy that lives as long as the config. */
const char *conf_keep(struct conf_reader *r, const char *s)
{
	return arena_str(&r->c->arena, s, strlen(s));
}

const char *conf_scalar(struct conf_reader *r, const struct yaml_node *node)
{
	if (node->kind != YAML_TEXT || yaml_is_null(node)) {
		yaml_error(r->y, node, r->err, "one value was expected here");
		return NULL;
	}
	return node->text;
}

bool config_is_plain(const char *word)
{
	for (const char *at = word; *at; at++)
		if (iscntrl((unsigned char)*at) || strchr(" \"'`$\\;&|<>()*?[]{}!#:%~=", *at))
			return false;
	return *word && *word != '-';
}

const char *conf_word(struct conf_reader *r, const struct yaml_node *node)
{
	const char *text = conf_scalar(r, node);

	if (!text)
		return NULL;
	if (!config_is_plain(text)) {
		yaml_error(r->y, node, r->err,
			   "\"%s\": Make and the shell take such names apart: use letters, digits "
			   "and any of / . _ - + , @ (rename the file, or link to it)",
			   text);
		return NULL;
	}
	return conf_keep(r, text);
}

/* Of what may stand between single quotes in a shell, what Make's variables pass on. */
static bool can_be_quoted(const char *text)
{
	for (const char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at) || strchr("'\"`$\\#", *at))
			return false;
	return *text;
}

const char *conf_text(struct conf_reader *r, const struct yaml_node *node)
{
	const char *text = conf_scalar(r, node), *kept;
	char *quoted;

	if (!text || config_is_plain(text))
		return text ? conf_keep(r, text) : NULL;
	if (!can_be_quoted(text)) {
		yaml_error(r->y, node, r->err,
			   "\"%s\": quotes, `, $, # and \\ cannot be in columns and labels here",
			   text);
		return NULL;
	}
	quoted = mem_printf("'%s'", text);
	kept = conf_keep(r, quoted);
	free(quoted);
	return kept;
}

static int check_name(struct conf_reader *r, const struct yaml_node *at, const char *name)
{
	if (*name != '.' && !strpbrk(name, "/,"))
		return 0;
	return yaml_error(r->y, at, r->err,
			  "\"%s\": a name that files are called by: no / or comma in it, no dot in "
			  "front (give another with name:)",
			  name);
}

const char *conf_name(struct conf_reader *r, const struct yaml_node *node)
{
	const char *name = conf_word(r, node);

	return name && check_name(r, node, name) == 0 ? name : NULL;
}

const char *conf_from_folder(struct conf_reader *r, const char *word)
{
	bool as_it_is = word[0] == '/' || str_eq(r->folder, ".");
	char *joined = as_it_is ? mem_str(word) : mem_printf("%s/%s", r->folder, word);
	const char *path = conf_keep(r, joined);

	free(joined);
	return path;
}

const char *conf_path(struct conf_reader *r, const struct yaml_node *node)
{
	const char *word = conf_word(r, node);
	const char *path = word ? conf_from_folder(r, word) : NULL;

	if (!path || access(path, R_OK) == 0)
		return path;
	yaml_error(r->y, node, r->err, "%s: there is no such file to read", path);
	return NULL;
}

const char *conf_name_of(struct conf_reader *r, const struct yaml_node *at, const char *path)
{
	static const char *const endings[] = {".gz",  ".h5ad", ".h5",  ".rds", ".csv",
					      ".tsv", ".txt",  ".mtx", ".pkl", ".tab"};
	char *copy = mem_str(path);
	char *name = basename(copy);
	const char *kept;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (str_ends(name, endings[i]) && strlen(name) > strlen(endings[i])) {
			name[strlen(name) - strlen(endings[i])] = '\0';
			i = (size_t)-1;
		}
	kept = conf_keep(r, name);
	free(copy);
	return check_name(r, at, kept) ? NULL : kept;
}

/* The last part of a path before 'end', as where it begins. */
static const char *last_part(const char *path, const char *end)
{
	while (end > path && end[-1] != '/')
		end--;
	return end;
}

const char *conf_matched(struct conf_reader *r, const char *pattern, const char *path)
{
	const char *p_end = pattern + strlen(pattern), *end = path + strlen(path);
	const char *p = last_part(pattern, p_end), *at = last_part(path, end);

	while (p > pattern && at > path && strcspn(p, "*?[") >= (size_t)(p_end - p)) {
		p_end = p - 1;
		end = at - 1;
		p = last_part(pattern, p_end);
		at = last_part(path, end);
	}
	return arena_str(&r->c->arena, path, (size_t)(end - path));
}

int conf_value(struct conf_reader *r, const struct yaml_node *map, const char *key, conf_kind *kind,
	       const char **value)
{
	const struct yaml_node *node = yaml_get(map, key);

	if (!node || yaml_is_null(node))
		return 0;
	*value = kind(r, node);
	return *value ? 0 : -1;
}

int conf_bool(struct conf_reader *r, const struct yaml_node *map, const char *key, bool *value)
{
	const struct yaml_node *node = yaml_get(map, key);

	return node ? yaml_bool(r->y, node, value, r->err) : 0;
}
