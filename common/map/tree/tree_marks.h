/* tree_marks.h - which labels a label's cells are called: the first step of joining it to a tree.
 *
 * The shares of the calls are looked at from the largest down, as long as each is over a tenth and
 * the next falls by less than 'match': what comes before that is what the label is called.
 *
 *	uint8_t marks[3];
 *	tree_marks((const double[]){0.5, 0.45, 0.05}, 3, 0.25, marks);      // 1 1 0: split over two
 */
#ifndef MAP_TREE_TREE_MARKS_H
#define MAP_TREE_TREE_MARKS_H

#include <stddef.h>
#include <stdint.h>

/* What a row of shares marks: 2 for the only one, 1 for each of several, else 0. */
void tree_marks(const double *shares, size_t n, double match, uint8_t *marks);

#endif
