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
#include "read/graph.h"
#include "show/errors.h"

static size_t index_of(const struct tree *tree, const struct node *node)
{
	return (size_t)(node - tree->graph.nodes);
}

/* The disk's place among the items; tree->n: it is none of them. */
static size_t find_disk(const struct tree *tree, uint32_t major, uint32_t minor)
{
	size_t low = tree->graph.n;
	size_t high = tree->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct facts *facts = &tree->items[middle].facts;

		if (facts->major == major && facts->minor == minor)
			return middle;
		if (facts->major < major || (facts->major == major && facts->minor < minor))
			low = middle + 1;
		else
			high = middle;
	}
	return tree->n;
}

static size_t find_item(const struct tree *tree, const struct dmk_devno *number)
{
	const struct node *node = graph_find(&tree->graph, number);

	return node ? index_of(tree, node) : find_disk(tree, number->major, number->minor);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct dmk_devno *x = a;
	const struct dmk_devno *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

/* Mappings as they are listed, then each disk below them once, by number. */
static int make_items(struct tree *tree)
{
	size_t edges = 0;
	size_t n = 0;
	struct dmk_devno *disks;

	for (size_t i = 0; i < tree->graph.n; i++)
		edges += tree->graph.nodes[i].n_deps;
	disks = calloc(edges + 1, sizeof(*disks));
	tree->items = calloc(tree->graph.n + edges + 1, sizeof(*tree->items));
	tree->links = calloc(edges + 1, sizeof(*tree->links));
	if (!disks || !tree->items || !tree->links) {
		free(disks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < tree->graph.n; i++) {
		const struct node *node = &tree->graph.nodes[i];

		tree->items[i].facts = (struct facts){ .name = node->name,
						       .major = node->major,
						       .minor = node->minor,
						       .mapping = true };
		for (uint32_t d = 0; d < node->n_deps; d++) {
			if (!graph_find(&tree->graph, &node->deps[d]))
				disks[n++] = node->deps[d];
		}
	}
	qsort(disks, n, sizeof(*disks), compare_numbers);
	tree->n = tree->graph.n;
	for (size_t i = 0; i < n; i++) {
		struct item *item = &tree->items[tree->n];

		if (i > 0 && compare_numbers(&disks[i - 1], &disks[i]) == 0)
			continue;
		disk_name(disks[i].major, disks[i].minor, item->disk, sizeof(item->disk));
		item->facts = (struct facts){ .name = *item->disk ? item->disk : "?",
					      .major = disks[i].major,
					      .minor = disks[i].minor };
		tree->n++;
	}
	free(disks);
	return 0;
}

/* What stands below each item in the drawing: what it stands on, in the order of its table, or with
 * --inverse what stands on it. */
static void link_items(struct tree *tree)
{
	bool inverse = given(tree->cli, OPT_INVERSE);
	size_t next = 0;

	for (size_t i = 0; i < tree->graph.n; i++) {
		const struct node *node = &tree->graph.nodes[i];

		for (uint32_t d = 0; d < node->n_deps && !tree->items[i].gone; d++) {
			size_t other = find_item(tree, &node->deps[d]);

			tree->items[inverse ? other : i].n_below++;
			tree->items[inverse ? i : other].n_above++;
		}
	}
	for (size_t i = 0; i < tree->n; i++) {
		tree->items[i].below = &tree->links[next];
		next += tree->items[i].n_below;
		tree->items[i].n_below = 0;
	}
	for (size_t i = 0; i < tree->graph.n; i++) {
		const struct node *node = &tree->graph.nodes[i];

		/* The kernel's order is the reverse of the table's. */
		for (uint32_t d = node->n_deps; d-- > 0 && !tree->items[i].gone;) {
			size_t other = find_item(tree, &node->deps[d]);
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

		if (i < tree->graph.n && tree->graph.nodes[i].gone) {
			item->gone = true;
			continue;
		}
		status = facts_read(tree->cli, &item->facts, wants, places);
		item->gone = !item->facts.known;
	}
	places_free(places);
	return status;
}

/* ---- where it begins ---- */

static int add_root(struct tree *tree, size_t index)
{
	if (index < tree->n && !tree->items[index].chosen) {
		tree->items[index].chosen = true;
		tree->roots[tree->n_roots++] = index;
	}
	return EXIT_DONE;
}

/* One of the named devices, whatever it was named by. */
static int choose(struct cli *cli, const struct each *each)
{
	struct tree *tree = cli->tree;
	struct dmk_devno number = { 0 };
	struct dmk_info info;

	if (dmk_get_info(cli->dm, &each->id, NULL, &info) < 0)
		return fail(cli);
	number.major = info.major;
	number.minor = info.minor;
	/* It may have been made since the list. */
	return add_root(tree, find_item(tree, &number));
}

/* A path that leads to a disk below the mappings. */
static size_t disk_of_word(const struct tree *tree, const char *word)
{
	struct stat st;

	if (!strchr(word, '/') || stat(word, &st) < 0 || !S_ISBLK(st.st_mode))
		return tree->n;
	return find_disk(tree, major(st.st_rdev), minor(st.st_rdev));
}

static int choose_all(struct tree *tree, char **args, int n)
{
	int first = EXIT_DONE;

	if (addressed(tree->cli))
		return each_device(tree->cli, args, 0, choose);
	for (int i = 0; i < n; i++) {
		size_t disk = disk_of_word(tree, args[i]);
		int status;

		if (disk < tree->n)
			status = add_root(tree, disk);
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
		status = graph_read(cli, &tree.graph);
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
	graph_free(&tree.graph);
	return status;
}
