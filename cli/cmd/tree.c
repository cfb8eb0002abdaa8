/* SPDX-License-Identifier: MIT */
/* Who stands on whom: mappings that nothing stands on at the top, disks at the bottom; --inverse
 * the other way round. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/facts.h"
#include "cmd/places.h"
#include "cmd/tree.h"
#include "common/cli.h"
#include "common/disks.h"
#include "common/term.h"
#include "read/devices.h"
#include "show/errors.h"

/* An item for each node: mappings as they are listed, then each disk below them once, by number. */
static int make_items(struct tree *tree)
{
	const struct dmk_graph_node *node;
	size_t edges = 0;

	tree->n = dmk_graph_count(tree->graph);
	tree->items = calloc(tree->n + 1, sizeof(*tree->items));
	if (!tree->items)
		return -ENOMEM;
	for (uint32_t i = 0; (node = dmk_graph_at(tree->graph, i)); i++) {
		struct item *item = &tree->items[i];

		if (!node->name)
			disk_name(node->major, node->minor, item->disk, sizeof(item->disk));
		item->facts = (struct facts){ .name = node->name    ? node->name
						      : *item->disk ? item->disk
								    : "?",
					      .major = node->major,
					      .minor = node->minor,
					      .mapping = node->name };
		item->gone = node->gone;
		edges += node->n_below;
	}
	tree->links = calloc(edges + 1, sizeof(*tree->links));
	return tree->links ? 0 : -ENOMEM;
}

/* What stands below each item in the drawing: what it stands on, in the order of its table, or with
 * --inverse what stands on it. */
static void link_items(struct tree *tree)
{
	bool inverse = given(tree->cli, OPT_INVERSE);
	const struct dmk_graph_node *node;
	size_t next = 0;

	for (uint32_t i = 0; (node = dmk_graph_at(tree->graph, i)); i++) {
		for (uint32_t d = 0; d < node->n_below && !tree->items[i].gone; d++) {
			uint32_t other = node->below[d]->index;

			tree->items[inverse ? other : i].n_below++;
			tree->items[inverse ? i : other].n_above++;
		}
	}
	for (size_t i = 0; i < tree->n; i++) {
		tree->items[i].below = &tree->links[next];
		next += tree->items[i].n_below;
		tree->items[i].n_below = 0;
	}
	for (uint32_t i = 0; (node = dmk_graph_at(tree->graph, i)); i++) {
		/* The kernel's order is the reverse of the table's. */
		for (uint32_t d = node->n_below; d-- > 0 && !tree->items[i].gone;) {
			uint32_t other = node->below[d]->index;
			struct item *above = &tree->items[inverse ? other : i];

			above->below[above->n_below++] = inverse ? i : other;
		}
	}
}

static int read_items(struct tree *tree)
{
	unsigned wants = WANT_TABLE | WANT_MOUNTS | (tree->columns.wants & WANT_USERS);
	struct places *places = places_read(tree->cli);
	int status = EXIT_DONE;

	if (!places)
		return fail_errno(tree->cli, -ENOMEM, "", "draw the tree");
	for (size_t i = 0; i < tree->n && status == EXIT_DONE; i++) {
		struct item *item = &tree->items[i];

		if (item->gone)
			continue;
		status = facts_read(tree->cli, &item->facts, wants, places);
		item->gone = !item->facts.known;
	}
	places_free(places);
	return status;
}

/* ---- where it begins ---- */

static void add_root(struct tree *tree, size_t index)
{
	if (!tree->items[index].chosen) {
		tree->items[index].chosen = true;
		tree->roots[tree->n_roots++] = index;
	}
}

/* One of the named devices, whatever it was named by. */
static int choose(struct cli *cli, const struct each *each)
{
	struct tree *tree = cli->tree;
	const struct dmk_graph_node *node;
	struct dmk_info info;

	if (dmk_get_info(cli->dm, &each->id, NULL, &info) < 0)
		return fail(cli);
	node = dmk_graph_find(tree->graph, info.major, info.minor);
	/* It may have been made since the list. */
	if (node)
		add_root(tree, node->index);
	return EXIT_DONE;
}

/* A path that leads to a disk below the mappings; or NULL. */
static const struct dmk_graph_node *disk_of_word(const struct tree *tree, const char *word)
{
	const struct dmk_graph_node *node;
	struct stat st;

	if (!strchr(word, '/') || stat(word, &st) < 0 || !S_ISBLK(st.st_mode))
		return NULL;
	node = dmk_graph_find(tree->graph, major(st.st_rdev), minor(st.st_rdev));
	return node && !node->name ? node : NULL;
}

static int choose_all(struct tree *tree, char **args, int n)
{
	int first = EXIT_DONE;

	if (addressed(tree->cli))
		return each_device(tree->cli, args, 0, choose);
	for (int i = 0; i < n; i++) {
		const struct dmk_graph_node *disk = disk_of_word(tree, args[i]);
		int status = EXIT_DONE;

		if (disk)
			add_root(tree, disk->index);
		else
			status = each_device(tree->cli, &args[i], 1, choose);
		if (first == EXIT_DONE)
			first = status;
	}
	return first;
}

static int draw(struct tree *tree, char **args, int n)
{
	bool named = n > 0 || given(tree->cli, OPT_UUID) || given(tree->cli, OPT_DEVNO);
	int status = EXIT_DONE;

	tree->roots = calloc(tree->n + 1, sizeof(*tree->roots));
	if (!tree->roots)
		return fail_errno(tree->cli, -ENOMEM, "", "draw the tree");
	if (named)
		status = choose_all(tree, args, n);
	for (size_t i = 0; i < tree->n && !named; i++) {
		if (tree->items[i].n_above == 0 && !tree->items[i].gone)
			add_root(tree, i);
	}
	tree_draw(tree);
	/* What only a loop leads to, as a list read while it changes can have one. */
	for (size_t i = 0; i < tree->n && !named; i++) {
		if (!tree->items[i].shown && !tree->items[i].gone) {
			tree->n_roots = 0;
			add_root(tree, i);
			tree_draw(tree);
		}
	}
	tree_print(tree);
	return status;
}

/* The drawing stands in the column of the name, which there is always. */
static void have_name(struct columns *columns)
{
	for (uint32_t i = 0; i < columns->n; i++) {
		if (columns->at[i] == COLUMN_NAME)
			return;
	}
	memmove(columns->at + 1, columns->at, columns->n * sizeof(*columns->at));
	columns->at[0] = COLUMN_NAME;
	columns->n++;
}

int cmd_tree(struct cli *cli, char **args, int n)
{
	struct tree tree = { .cli = cli, .utf8 = utf8_locale() };
	int status = columns_take(cli, "name,device,types,size,state,mount", &tree.columns);

	if (status == EXIT_DONE)
		status = graph_read(cli, 0, &tree.graph);
	if (status != EXIT_DONE)
		return status;
	have_name(&tree.columns);
	cli->tree = &tree;
	if (make_items(&tree) < 0)
		status = fail_errno(cli, -ENOMEM, "", "draw the tree");
	if (status == EXIT_DONE)
		status = read_items(&tree);
	if (status == EXIT_DONE) {
		link_items(&tree);
		status = draw(&tree, args, n);
	}
	for (size_t i = 0; i < tree.n; i++)
		facts_drop(&tree.items[i].facts);
	free(tree.items);
	free(tree.links);
	free(tree.roots);
	tree_drop(&tree);
	dmk_graph_free(tree.graph);
	return status;
}
