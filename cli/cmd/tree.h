/* SPDX-License-Identifier: MIT */
/* The drawing of a tree: tree.c reads what tree-draw.c draws. */
#ifndef DMKIT_TREE_H
#define DMKIT_TREE_H

#include "cmd/columns.h"

struct item {
	struct facts facts;
	char disk[64]; /* its name, of a disk */
	size_t *below; /* in the drawing; places among the items */
	size_t n_below;
	size_t n_above;
	bool gone;
	bool chosen; /* it is among the roots */
	bool shown;  /* in full */
};

struct tree {
	struct cli *cli;
	struct columns columns;
	struct dmk_graph *graph;
	struct item *items; /* of its nodes */
	size_t n;
	size_t *links; /* what the items' below points into */
	size_t *roots;
	size_t n_roots;
	bool utf8;
	/* What stands left of a branch. A buffer of its own: the depth of a stack of mappings has
	 * no limit. */
	char *indent;
	size_t length;
	size_t room;
	/* What is drawn, for columns: the lines are as wide as the widest. */
	struct row *rows;
	size_t n_rows;
	size_t rows_room;
};

/* The roots and what is below them. */
void tree_draw(struct tree *tree);
/* What was kept until all was drawn. */
void tree_print(struct tree *tree);
void tree_drop(struct tree *tree);

#endif
