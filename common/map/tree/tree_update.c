/* tree_update.c - see tree_update.h. */
#include "base/util.h"

#include "map/tree/tree_marks.h"
#include "map/tree/tree_update.h"

/* Who calls whom: rows are new labels and, last, their root; columns the tree's nodes by their
 * first names, sorted, and last its root. */
struct board {
	struct label_tree *tree;
	struct tree_update *out;
	size_t n_rows, n_columns; /* without the roots */
	size_t *node;             /* per column; the last is the root */
	uint8_t *marks;           /* (n_rows + 1) x (n_columns + 1) */
	size_t *in_row, *in_column;
};

static uint8_t *mark(const struct board *b, size_t row, size_t column)
{
	return &b->marks[row * (b->n_columns + 1) + column];
}

/* ---- marks ---- */

/* The marks of one truth over what it was called; the last is the rejected ones, when any cell of
 * the table is. */
static uint8_t *marks_of(const struct call_table *t, size_t truth, double match)
{
	size_t n = t->called.n;
	double *shares = mem_zero(n + 1, sizeof(*shares)), all = t->rejected[truth];
	uint8_t *marks = mem_zero(n + 1, 1);
	bool rejects = false;

	for (size_t i = 0; i < t->truths.n; i++)
		rejects = rejects || t->rejected[i] > 0;
	for (size_t i = 0; i < n; i++)
		all += t->counts[truth * n + i];
	for (size_t i = 0; i < n && all > 0; i++)
		shares[i] = t->counts[truth * n + i] / all;
	shares[n] = all > 0 ? t->rejected[truth] / all : 0;
	tree_marks(shares, n + rejects, match, marks);
	free(shares);
	return marks;
}

static size_t row_of(const struct board *b, const char *label)
{
	for (size_t i = 0; i < b->n_rows; i++)
		if (str_eq(b->out->labels.s[i], label))
			return i;
	return b->n_rows;
}

static size_t column_of(const struct board *b, const char *name)
{
	size_t node = label_tree_find(b->tree, name);

	for (size_t i = 0; i < b->n_columns; i++)
		if (b->node[i] == node)
			return i;
	return b->n_columns;
}

static void add_marks(struct board *b, const struct call_table *of_old,
		      const struct call_table *of_new, double match)
{
	for (size_t i = 0; i < of_old->truths.n; i++) {
		size_t node = label_tree_find(b->tree, of_old->truths.s[i]);
		uint8_t *m;

		if (node == TREE_NONE || b->tree->nodes[node].n_children)
			continue;
		m = marks_of(of_old, i, match);
		for (size_t k = 0; k <= of_old->called.n; k++)
			*mark(b, k < of_old->called.n ? row_of(b, of_old->called.s[k]) : b->n_rows,
			      column_of(b, of_old->truths.s[i])) += m[k];
		free(m);
	}
	for (size_t i = 0; i < of_new->truths.n; i++) {
		uint8_t *m = marks_of(of_new, i, match);

		for (size_t k = 0; k <= of_new->called.n; k++)
			*mark(b, row_of(b, of_new->truths.s[i]),
			      k < of_new->called.n ? column_of(b, of_new->called.s[k])
						   : b->n_columns) += m[k];
		free(m);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Columns: every node but the root, by its first name. */
static void find_columns(struct board *b)
{
	char **names = mem_alloc(b->tree->n + 1, sizeof(*names));

	for (size_t i = 1; i < b->tree->n; i++)
		names[b->n_columns++] = b->tree->nodes[i].names.s[0];
	if (b->n_columns)
		qsort(names, b->n_columns, sizeof(*names), by_name);
	MEM_ZERO(b->node, b->n_columns + 1);
	for (size_t i = 0; i < b->n_columns; i++)
		b->node[i] = label_tree_find(b->tree, names[i]);
	free(names);
}

/* ---- what happens to the tree ---- */

static void told(struct board *b, size_t row, const char *what)
{
	if (row < b->n_rows)
		b->out->what[row] = what;
}

static void match_node(struct board *b, size_t node, size_t row)
{
	names_add(&b->tree->nodes[node].names, b->out->labels.s[row]);
	told(b, row, "match");
}

static void add_child(struct board *b, size_t node, size_t row, const char *what)
{
	label_tree_add(b->tree, node, b->out->labels.s[row]);
	told(b, row, what);
}

static bool is_new_label(const struct board *b, const char *name)
{
	return row_of(b, name) < b->n_rows;
}

/* Does a node below, or the node, owe its being to a new label? (A match only adds a name.) */
static bool holds_new_label(const struct board *b, size_t under)
{
	for (size_t i = 0; i < b->tree->n; i++)
		if (label_tree_is_under(b->tree, i, under) &&
		    is_new_label(b, label_tree_name(b->tree, i)))
			return true;
	return false;
}

static bool contains_any(const struct board *b, size_t above, const size_t *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (label_tree_is_under(b->tree, set[i], above))
			return true;
	return false;
}

/* The children of 'parent' that contain some of the set go under a new node between. */
static void put_between(struct board *b, size_t parent, const size_t *set, size_t n, size_t row)
{
	size_t n_children = b->tree->nodes[parent].n_children, moved = 0, node;
	size_t *moving = mem_alloc(n_children + 1, sizeof(*moving));

	for (size_t i = 0; i < n_children; i++)
		if (contains_any(b, b->tree->nodes[parent].children[i], set, n))
			moving[moved++] = b->tree->nodes[parent].children[i];
	node = label_tree_add(b->tree, parent, b->out->labels.s[row]);
	for (size_t i = 0; i < moved; i++)
		label_tree_move(b->tree, moving[i], node);
	told(b, row, "merge");
	free(moving);
}

static size_t common_ancestor(const struct board *b, const size_t *set, size_t n)
{
	size_t node = set[0];

	for (size_t i = 1; i < n; i++)
		while (!label_tree_is_under(b->tree, set[i], node))
			node = b->tree->nodes[node].parent;
	return node;
}

static size_t subtree_size(const struct board *b, size_t node)
{
	size_t size = 0;

	for (size_t i = 0; i < b->tree->n; i++)
		size += label_tree_is_under(b->tree, i, node);
	return size;
}

/* The set's node that comes first in pre-order, as an index of the set. */
static size_t first_of(const struct board *b, const size_t *set, size_t n)
{
	size_t *order = mem_alloc(b->tree->n, sizeof(*order)), at = n;

	label_tree_preorder(b->tree, order);
	for (size_t i = 0; i < b->tree->n && at == n; i++)
		for (size_t k = 0; k < n; k++)
			if (set[k] == order[i])
				at = k;
	free(order);
	return at;
}

static bool all_under(const struct board *b, const size_t *set, size_t n, size_t above)
{
	for (size_t i = 0; i < n; i++)
		if (!label_tree_is_under(b->tree, set[i], above))
			return false;
	return true;
}

/* Step 3: at the lowest common ancestor. */
static bool merge_at(struct board *b, const size_t *set, size_t n, size_t row)
{
	size_t above = common_ancestor(b, set, n), inside = 0;
	const struct tree_node *node;

	if (n == 1)
		above = b->tree->nodes[set[0]].parent;
	node = &b->tree->nodes[above];
	for (size_t i = 0; i < node->n_children; i++) {
		for (size_t k = 0; k < n; k++)
			inside += set[k] == node->children[i];
		if (contains_any(b, node->children[i], set, n) &&
		    holds_new_label(b, node->children[i]))
			return false;
	}
	if (inside == node->n_children)
		match_node(b, above, row);
	else
		put_between(b, above, set, n, row);
	return true;
}

/* A new label that is there: its siblings that contain some of the set move under it. */
static bool merge_under(struct board *b, size_t node, const size_t *set, size_t n)
{
	size_t parent = b->tree->nodes[node].parent, moved = 0;
	size_t *moving;

	if (parent == TREE_NONE)
		return false;
	MEM_ARRAY(moving, b->tree->nodes[parent].n_children);
	for (size_t i = 0; i < b->tree->nodes[parent].n_children; i++) {
		size_t sibling = b->tree->nodes[parent].children[i];

		if (sibling != node && contains_any(b, sibling, set, n))
			moving[moved++] = sibling;
	}
	for (size_t i = 0; i < moved; i++)
		label_tree_move(b->tree, moving[i], node);
	free(moving);
	return true;
}

/* 'with_root': the tree's root is one of those called, too. */
static bool merge(struct board *b, size_t *set, size_t n, bool with_root, size_t row)
{
	size_t there = label_tree_find(b->tree, b->out->labels.s[row]), first;

	if (there != TREE_NONE)
		return merge_under(b, there, set, n);
	if (with_root) {
		if (!holds_new_label(b, 0)) {
			put_between(b, 0, set, n, row);
			return true;
		}
		if (n == 1) {
			match_node(b, set[0], row);
			return true;
		}
	}
	if (n == 0)
		return false;
	first = first_of(b, set, n);
	if (subtree_size(b, set[first]) == n && all_under(b, set, n, set[first])) {
		match_node(b, set[first], row);
		return true;
	}
	if (n > 1 && all_under(b, set, n, set[first])) {
		memmove(set + first, set + first + 1, (n - first - 1) * sizeof(*set));
		n--;
	}
	return merge_at(b, set, n, row);
}

/* ---- the two passes ---- */

static void count_marks(struct board *b)
{
	memset(b->in_row, 0, (b->n_rows + 1) * sizeof(*b->in_row));
	memset(b->in_column, 0, (b->n_columns + 1) * sizeof(*b->in_column));
	for (size_t r = 0; r <= b->n_rows; r++)
		for (size_t c = 0; c <= b->n_columns; c++) {
			b->in_row[r] += *mark(b, r, c) > 0;
			b->in_column[c] += *mark(b, r, c) > 0;
		}
}

/* Is a new label that a column has marked, marked elsewhere, too? 'free_root': not counting root. */
static bool row_is_complex(const struct board *b, size_t row, bool free_root)
{
	size_t n = b->in_row[row] - (free_root && *mark(b, row, b->n_columns));

	return row < b->n_rows && n > 1;
}

static bool column_is_complex(const struct board *b, size_t column, bool free_root)
{
	size_t n = b->in_column[column] - (free_root && *mark(b, b->n_rows, column));

	return column < b->n_columns && n > 1;
}

static size_t complex_rows(const struct board *b, size_t column, bool free_root)
{
	size_t n = 0;

	for (size_t r = 0; r < b->n_rows; r++)
		n += *mark(b, r, column) && row_is_complex(b, r, free_root);
	return n;
}

static size_t complex_columns(const struct board *b, size_t row, bool free_root)
{
	size_t n = 0;

	for (size_t c = 0; c < b->n_columns; c++)
		n += *mark(b, row, c) && column_is_complex(b, c, free_root);
	return n;
}

static void split(struct board *b, size_t column, bool only_single)
{
	for (size_t r = 0; r <= b->n_rows; r++) {
		if (!*mark(b, r, column) || (only_single && b->in_row[r] != 1))
			continue;
		if (r < b->n_rows)
			add_child(b, b->node[column], r, column == b->n_columns ? "new" : "split");
		*mark(b, r, column) = 0;
	}
}

static void clear_row(struct board *b, size_t row)
{
	for (size_t c = 0; c <= b->n_columns; c++)
		*mark(b, row, c) = 0;
}

static void pass_simple(struct board *b, size_t column, size_t row)
{
	bool root = column == b->n_columns;

	if (b->in_row[row] != 1)
		return;
	if (b->in_column[column] == 1) {
		*mark(b, row, column) = 0;
		if (row == b->n_rows)
			return;
		if (root)
			add_child(b, 0, row, "new");
		else
			match_node(b, b->node[column], row);
	} else if (root) {
		split(b, column, true);
	} else if (!complex_rows(b, column, false)) {
		split(b, column, false);
	}
}

/* The tree's nodes that a row has marked; returns how many. */
static size_t set_of(const struct board *b, size_t row, size_t *set)
{
	size_t n = 0;

	for (size_t c = 0; c < b->n_columns; c++)
		if (*mark(b, row, c))
			set[n++] = b->node[c];
	return n;
}

static void merge_row(struct board *b, size_t row, bool with_root)
{
	size_t *set = mem_alloc(b->n_columns + 1, sizeof(*set)), n = set_of(b, row, set);

	if (merge(b, set, n, with_root && *mark(b, row, b->n_columns), row))
		clear_row(b, row);
	free(set);
}

static size_t rows_of(const struct board *b, size_t column)
{
	size_t n = 0;

	for (size_t r = 0; r < b->n_rows; r++)
		n += *mark(b, r, column) > 0;
	return n;
}

/* One that splits and one that merges cross: the split is of an internal node above the merged. */
static void cross(struct board *b, size_t column, size_t row)
{
	size_t *set = mem_alloc(b->n_columns + 1, sizeof(*set)), n = set_of(b, row, set);
	bool above = b->tree->nodes[b->node[column]].n_children > 0 &&
		     all_under(b, set, n, b->node[column]);

	if (above && complex_rows(b, column, true) <= 1 && complex_columns(b, row, true) <= 1) {
		*mark(b, row, column) = 0;
		split(b, column, false);
		merge_row(b, row, false);
	}
	free(set);
}

static void pass_crossed(struct board *b, size_t column, size_t row)
{
	size_t n_new, n_old;
	size_t *set;

	if (row == b->n_rows || b->in_row[row] < 2)
		return;
	if (b->in_column[column] == 1) {
		if (!complex_columns(b, row, false))
			merge_row(b, row, true);
		return;
	}
	if (column == b->n_columns)
		return;
	MEM_ARRAY(set, b->n_columns + 1);
	n_old = set_of(b, row, set);
	n_new = rows_of(b, column);
	free(set);
	if (n_old == 1 && n_new == 1) {
		match_node(b, b->node[column], row);
		clear_row(b, row);
		*mark(b, b->n_rows, column) = 0;
	} else if (n_new == 1 && !complex_columns(b, row, true)) {
		merge_row(b, row, false);
	} else if (n_old == 1 && !complex_rows(b, column, true)) {
		for (size_t r = 0; r < b->n_rows; r++)
			if (*mark(b, r, column))
				*mark(b, r, b->n_columns) = 0;
		split(b, column, false);
	} else {
		cross(b, column, row);
	}
}

static void scan(struct board *b)
{
	for (int pass = 0; pass < 2; pass++) {
		count_marks(b);
		for (size_t c = 0; c <= b->n_columns; c++)
			for (size_t r = 0; r <= b->n_rows; r++)
				if (*mark(b, r, c))
					(pass ? pass_crossed : pass_simple)(b, c, r);
	}
}

/* Of what the first scan left, what is sure: marked from both sides, or as the only one. */
static bool keep_sure(struct board *b)
{
	bool any = false;

	for (size_t r = 0; r <= b->n_rows; r++)
		for (size_t c = 0; c <= b->n_columns; c++) {
			uint8_t *m = mark(b, r, c);

			if (*m == 1 && r < b->n_rows && c < b->n_columns)
				*m = 0;
			any = any || *m;
		}
	return any;
}

void tree_update(struct label_tree *tree, const struct call_table *of_old,
		 const struct call_table *of_new, double match, struct tree_update *out)
{
	struct board b = {.tree = tree, .out = out, .n_rows = of_new->truths.n};

	*out = (struct tree_update){.labels = names_of(of_new->truths.s, of_new->truths.n)};
	MEM_ARRAY(out->what, b.n_rows + 1);
	for (size_t r = 0; r < b.n_rows; r++)
		out->what[r] = "missing";
	find_columns(&b);
	MEM_ZERO(b.marks, mem_product(b.n_rows + 1, b.n_columns + 1));
	MEM_ZERO(b.in_row, b.n_rows + 1);
	MEM_ZERO(b.in_column, b.n_columns + 1);
	add_marks(&b, of_old, of_new, match);
	scan(&b);
	if (keep_sure(&b))
		scan(&b);
	free(b.marks);
	free(b.in_row);
	free(b.in_column);
	free(b.node);
}

void tree_update_release(struct tree_update *u)
{
	names_release(&u->labels);
	free(u->what);
	*u = (struct tree_update){0};
}

void call_table_release(struct call_table *t)
{
	names_release(&t->truths);
	names_release(&t->called);
	free(t->counts);
	free(t->rejected);
}
