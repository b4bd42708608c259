/* label_tree.c - see label_tree.h. */
#include "base/util.h"

#include <errno.h>

#include "base/strtab.h"
#include "map/tree/label_tree.h"

#define MOST_NODES ((size_t)10000)
#define MOST_DEEP ((size_t)1000)
#define MOST_BYTES ((size_t)1 << 22)
#define SPECIAL "()[],:;=' \t\r\n"

/* ---- the tree ---- */

static size_t new_node(struct label_tree *t, size_t parent)
{
	MEM_GROW(t->nodes, t->n + 1, t->cap);
	t->nodes[t->n] = (struct tree_node){.parent = parent};
	return t->n++;
}

static void append_child(struct label_tree *t, size_t parent, size_t child)
{
	struct tree_node *p = &t->nodes[parent];

	MEM_GROW(p->children, p->n_children + 1, p->cap_children);
	p->children[p->n_children++] = child;
}

struct label_tree *label_tree_new(const char *root)
{
	struct label_tree *t = mem_zero(1, sizeof(*t));

	new_node(t, TREE_NONE);
	names_add(&t->nodes[0].names, root);
	return t;
}

void label_tree_free(struct label_tree *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++) {
		names_release(&t->nodes[i].names);
		free(t->nodes[i].children);
	}
	free(t->nodes);
	free(t);
}

size_t label_tree_add(struct label_tree *t, size_t parent, const char *name)
{
	size_t node = new_node(t, parent);

	append_child(t, parent, node);
	if (name)
		names_add(&t->nodes[node].names, name);
	return node;
}

void label_tree_move(struct label_tree *t, size_t node, size_t parent)
{
	struct tree_node *old = &t->nodes[t->nodes[node].parent];
	size_t at = 0;

	while (old->children[at] != node)
		at++;
	memmove(old->children + at, old->children + at + 1,
		(old->n_children - at - 1) * sizeof(*old->children));
	old->n_children--;
	t->nodes[node].parent = parent;
	append_child(t, parent, node);
}

size_t label_tree_find(const struct label_tree *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->nodes[i].names.n; k++)
			if (str_eq(t->nodes[i].names.s[k], name))
				return i;
	return TREE_NONE;
}

bool label_tree_is_under(const struct label_tree *t, size_t node, size_t above)
{
	for (; node != TREE_NONE; node = t->nodes[node].parent)
		if (node == above)
			return true;
	return false;
}

size_t label_tree_depth(const struct label_tree *t, size_t node)
{
	size_t depth = 0;

	for (; t->nodes[node].parent != TREE_NONE; node = t->nodes[node].parent)
		depth++;
	return depth;
}

void label_tree_preorder(const struct label_tree *t, size_t *order)
{
	size_t *stack = mem_alloc(t->n + 1, sizeof(*stack)), n = 0, top = 0;

	stack[top++] = 0;
	while (top) {
		const struct tree_node *node = &t->nodes[order[n++] = stack[--top]];

		for (size_t i = node->n_children; i-- > 0;)
			stack[top++] = node->children[i];
	}
	free(stack);
}

/* ---- Newick: writing ---- */

static void put_name(struct text *out, const char *name)
{
	if (name[0] && !strpbrk(name, SPECIAL)) {
		text_add(out, "%s", name);
		return;
	}
	text_add_char(out, '\'');
	for (; *name; name++) {
		if (*name == '\'')
			text_add_char(out, '\'');
		text_add_char(out, *name);
	}
	text_add_char(out, '\'');
}

/* As deep as the tree, which reading bounds. */
static void put_node(const struct label_tree *t, size_t node, struct text *out)
{
	const struct tree_node *x = &t->nodes[node];

	for (size_t i = 0; i < x->n_children; i++) {
		text_add_char(out, i ? ',' : '(');
		put_node(t, x->children[i], out);
	}
	if (x->n_children)
		text_add_char(out, ')');
	for (size_t k = 0; k < x->names.n; k++) {
		if (k)
			text_add_char(out, '=');
		put_name(out, x->names.s[k]);
	}
}

const char *label_tree_text(const struct label_tree *t, struct text *scratch)
{
	text_clear(scratch);
	put_node(t, 0, scratch);
	text_add_char(scratch, ';');
	return scratch->s;
}

/* ---- Newick: reading ---- */

struct parsing {
	const char *all, *at;
	struct label_tree *tree;
	struct err *err;
};

static int complain(const struct parsing *p, const char *what)
{
	return err_set(p->err, "tree: byte %zu: %s", (size_t)(p->at - p->all) + 1, what);
}

static void skip_blanks(struct parsing *p)
{
	while (*p->at && strchr(" \t\r\n", *p->at))
		p->at++;
}

/* A name, quoted or not, into 'name'. */
static int read_name(struct parsing *p, struct text *name)
{
	text_clear(name);
	if (*p->at == '\'') {
		for (p->at++; *p->at && (*p->at != '\'' || p->at[1] == '\''); p->at++) {
			p->at += *p->at == '\'';
			text_add_char(name, *p->at);
		}
		if (*p->at != '\'')
			return complain(p, "a quote is not closed");
		p->at++;
	} else {
		size_t n = strcspn(p->at, SPECIAL);

		text_add_bytes(name, p->at, n);
		p->at += n;
	}
	if (!name->len)
		return complain(p, "a node without a name");
	if (!utf8_valid(name->s, name->len))
		return complain(p, "a name is not UTF-8");
	return 0;
}

/* The names of a node, and a branch length that is read over. */
static int read_names(struct parsing *p, size_t node)
{
	struct text name = TEXT_INIT;
	int ret;

	do {
		skip_blanks(p);
		ret = read_name(p, &name);
		if (!ret)
			names_add(&p->tree->nodes[node].names, name.s);
		skip_blanks(p);
	} while (!ret && *p->at == '=' && p->at++);
	if (!ret && *p->at == ':')
		p->at += 1 + strspn(p->at + 1, " +-.0123456789eE");
	skip_blanks(p);
	text_release(&name);
	return ret;
}

static int read_tree(struct parsing *p)
{
	size_t node = 0, depth = 0;

	for (;;) {
		skip_blanks(p);
		if (p->tree->n > MOST_NODES || depth > MOST_DEEP)
			return complain(p, "more than 10,000 nodes or 1,000 levels");
		if (*p->at == '(') {
			p->at++;
			depth++;
			node = label_tree_add(p->tree, node, NULL);
			continue;
		}
		if (read_names(p, node))
			return -1;
		while (*p->at == ')' && depth) {
			p->at++;
			depth--;
			node = p->tree->nodes[node].parent;
			if (read_names(p, node))
				return -1;
		}
		if (*p->at == ',' && depth) {
			p->at++;
			node = label_tree_add(p->tree, p->tree->nodes[node].parent, NULL);
			continue;
		}
		break;
	}
	if (depth)
		return complain(p, "a parenthesis is not closed");
	p->at += *p->at == ';';
	skip_blanks(p);
	return *p->at ? complain(p, "something follows the tree") : 0;
}

static int check_names(const struct label_tree *t, struct err *err)
{
	struct strtab seen = {0};
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < t->n && !ret; i++)
		for (size_t k = 0; k < t->nodes[i].names.n && !ret; k++)
			if (strtab_add(&seen, t->nodes[i].names.s[k]) != n++)
				ret = err_set(err, "tree: the name '%s' stands twice",
					      t->nodes[i].names.s[k]);
	strtab_release(&seen);
	return ret;
}

struct label_tree *label_tree_read(const char *newick, struct err *err)
{
	struct parsing p = {newick, newick, mem_zero(1, sizeof(struct label_tree)), err};

	new_node(p.tree, TREE_NONE);
	if (!read_tree(&p) && !check_names(p.tree, err))
		return p.tree;
	label_tree_free(p.tree);
	return NULL;
}

struct label_tree *label_tree_read_file(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	struct text bytes = TEXT_INIT;
	struct label_tree *t = NULL;

	if (!file || text_add_stream(&bytes, file, MOST_BYTES))
		err_errno(err, "%s", path);
	else if (bytes.len > MOST_BYTES || memchr(bytes.s, 0, bytes.len))
		err_set(err, "%s: not a tree in Newick's form", path);
	else if (!(t = label_tree_read(bytes.s, err)))
		err_prefix(err, "%s", path);
	if (file)
		fclose(file);
	text_release(&bytes);
	return t;
}
