/* natural.h - names in the order people count in: "T2" before "T10".
 *
 *	if (natural_compare("T2", "T10") < 0)
 *		puts("as it should be");
 *
 * Runs of digits are compared as numbers of any length, without their leading zeros; all else by
 * bytes. Names that are equal so ("T2" and "T02") are told apart by their bytes, so that the order
 * is total and the same everywhere.
 */
#ifndef BASE_NATURAL_H
#define BASE_NATURAL_H

/* Less than, equal to or greater than 0, as strcmp. */
int natural_compare(const char *a, const char *b);

#endif
