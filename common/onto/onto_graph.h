/* onto_graph.h - is_a as a graph.
 *
 * Numbers the terms of an ontology that was read, links them to their parents and measures how
 * deep they are. What can be asked of the graph is in onto.h: onto_is_a, onto_common, ...
 *
 *	if (graph_build(o, path, err))               // once all terms are there
 *		return -1;
 */
#ifndef ONTO_ONTO_GRAPH_H
#define ONTO_ONTO_GRAPH_H

#include "onto/onto.h"

/*
 * Fills of_id, parents and depth; sorts the terms by id. A circle of is_a is an error that names
 * its terms; 'path' is for that message.
 */
int graph_build(struct onto *o, const char *path, struct err *err) MUST_USE;

#endif
