/* SPDX-License-Identifier: MIT */
/* Who stands on whom: mappings that nothing stands on at the top, disks at the bottom. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

/* What a line says besides the name. */
struct facts {
	uint64_t size_sectors;
	char types[128];
	uint32_t flags;
	bool known;
	bool shown; /* in full */
};

struct tree {
	struct cli *cli;
	struct graph graph;
	struct facts *facts; /* one for each node of graph */
	bool utf8;
	/* What stands left of a branch. A buffer of its own: the depth of a stack of mappings has
	 * no limit. */
	char *indent;
	size_t length;
	size_t room;
};

struct branches {
	const char *middle;
	const char *last;
	const char *through;
	const char *empty;
};

static const struct branches ascii_branches = { "|- ", "`- ", "|  ", "   " };
static const struct branches utf8_branches = { "├─ ", "└─ ", "│  ", "   " };

/* Each type once, in the order in which they come. */
static void add_type(struct facts *facts, const char *type)
{
	size_t length = strlen(type);
	size_t used = strlen(facts->types);

	for (const char *have = facts->types; *have; have += strcspn(have, ",")) {
		have += *have == ',';
		if (strncmp(have, type, length) == 0 &&
		    (have[length] == ',' || have[length] == '\0'))
			return;
	}
	snprintf(facts->types + used, sizeof(facts->types) - used, "%s%s", used ? "," : "", type);
}

static int read_facts(struct cli *cli, struct node *node, struct facts *facts)
{
	static const struct each all = { .all = true };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	int r;

	if (dmk_get_table(cli->dm, DMK_DEVNO(node->major, node->minor), NULL, &segments) < 0)
		return each_fail(cli, &all);
	/* Another one has its number now: of this one nothing is known any more. */
	if (strcmp(dmk_segments_info(segments)->name, node->name) != 0) {
		dmk_segments_free(segments);
		return EXIT_DONE;
	}
	while ((r = dmk_segments_next(segments, &segment)) > 0) {
		facts->size_sectors += segment.length_sectors;
		add_type(facts, segment.type);
	}
	facts->flags = dmk_segments_info(segments)->flags;
	facts->known = true;
	dmk_segments_free(segments);
	return r < 0 ? fail_errno(cli, r, node->name, "read the table of") : EXIT_DONE;
}

/* The indent, branch in it, made longer; -1: no memory. */
static int push(struct tree *tree, const char *branch)
{
	size_t more = strlen(branch);

	if (tree->length + more + 1 > tree->room) {
		size_t room = (tree->length + more + 1) * 2;
		char *indent = realloc(tree->indent, room);

		if (!indent)
			return -1;
		tree->indent = indent;
		tree->room = room;
	}
	memcpy(tree->indent + tree->length, branch, more + 1);
	tree->length += more;
	return 0;
}

static void put_mapping(const struct tree *tree, const struct node *node, const struct facts *facts)
{
	const struct cli *cli = tree->cli;
	char size[SIZE_TEXT];

	put_text(stdout, cli->out_tty, node->name);
	printf(" (%u:%u)", node->major, node->minor);
	if (*facts->types) {
		putchar(' ');
		put_text(stdout, cli->out_tty, facts->types);
		printf(" %s", format_size(facts->size_sectors, size));
	}
	if (facts->known && !(facts->flags & DMK_INFO_LIVE_TABLE))
		fputs(" [no table]", stdout);
	if (facts->flags & DMK_INFO_SUSPENDED)
		fputs(" [suspended]", stdout);
	if (facts->shown && node->n_deps > 0)
		fputs(" [shown above]", stdout);
	putchar('\n');
}

static void put_disk(const struct tree *tree, const struct dmk_devno *number)
{
	char name[256];
	char size[SIZE_TEXT];
	uint64_t sectors = disk_size_sectors(number->major, number->minor);

	disk_name(number->major, number->minor, name, sizeof(name));
	put_text(stdout, tree->cli->out_tty, *name ? name : "?");
	printf(" (%u:%u)", number->major, number->minor);
	if (sectors)
		printf(" %s", format_size(sectors, size));
	putchar('\n');
}

static void put_node(struct tree *tree, struct node *node)
{
	const struct branches *branches = tree->utf8 ? &utf8_branches : &ascii_branches;
	struct facts *facts = &tree->facts[node - tree->graph.nodes];
	size_t length = tree->length;
	bool again = facts->shown;

	put_mapping(tree, node, facts);
	/* Once in full: diamonds stay linear, and a loop, which no kernel has, ends. */
	facts->shown = true;
	if (again)
		return;
	for (uint32_t i = 0; i < node->n_deps; i++) {
		bool last = i + 1 == node->n_deps;
		struct node *below = graph_find(&tree->graph, &node->deps[i]);

		printf("%.*s%s", (int)length, length ? tree->indent : "",
		       last ? branches->last : branches->middle);
		if (!below) {
			put_disk(tree, &node->deps[i]);
			continue;
		}
		if (push(tree, last ? branches->empty : branches->through) < 0)
			return;
		put_node(tree, below);
		tree->length = length;
	}
}

static void json_types(struct json *json, const char *types)
{
	json_array(json, "types");
	while (*types) {
		size_t length = strcspn(types, ",");
		char type[DMK_TYPE_SIZE];

		snprintf(type, sizeof(type), "%.*s", (int)length, types);
		json_string(json, NULL, type);
		types += length + (types[length] == ',');
	}
	json_close(json);
}

static void json_node(struct tree *tree, const struct node *node)
{
	const struct facts *facts = &tree->facts[node - tree->graph.nodes];
	struct json *json = &tree->cli->json;

	json_item(tree->cli);
	json_string(json, "name", node->name);
	json_u64(json, "major", node->major);
	json_u64(json, "minor", node->minor);
	json_u64(json, "size_sectors", facts->size_sectors);
	json_types(json, facts->types);
	json_bool(json, "suspended", facts->flags & DMK_INFO_SUSPENDED);
	json_bool(json, "live_table", facts->flags & DMK_INFO_LIVE_TABLE);
	json_u64(json, "stood_on_by", node->n_above);
	json_array(json, "deps");
	for (uint32_t i = 0; i < node->n_deps; i++) {
		const struct node *below = graph_find(&tree->graph, &node->deps[i]);
		char disk[256];

		json_object(json, NULL);
		json_u64(json, "major", node->deps[i].major);
		json_u64(json, "minor", node->deps[i].minor);
		if (below) {
			json_string(json, "name", below->name);
		} else {
			disk_name(node->deps[i].major, node->deps[i].minor, disk, sizeof(disk));
			json_string(json, "disk", disk);
			json_u64(json, "size_sectors",
				 disk_size_sectors(node->deps[i].major, node->deps[i].minor));
		}
		json_close(json);
	}
	json_close(json);
	json_close(json);
}

static void print_tree(struct tree *tree)
{
	bool json = given(tree->cli, OPT_JSON);

	for (size_t i = 0; i < tree->graph.n; i++) {
		struct node *node = &tree->graph.nodes[i];

		if (node->gone)
			continue;
		if (json)
			json_node(tree, node);
		else if (node->n_above == 0)
			put_node(tree, node);
	}
	/* What only a loop leads to, as a list read while it changes can have one. */
	for (size_t i = 0; i < tree->graph.n && !json; i++) {
		if (!tree->facts[i].shown && !tree->graph.nodes[i].gone)
			put_node(tree, &tree->graph.nodes[i]);
	}
}

int cmd_tree(struct cli *cli, char **args, int n)
{
	struct tree tree = { .cli = cli, .utf8 = utf8_locale() };
	int status = graph_read(cli, &tree.graph);

	(void)args;
	(void)n;
	if (status != EXIT_DONE || tree.graph.n == 0)
		return status;
	tree.facts = calloc(tree.graph.n, sizeof(*tree.facts));
	if (!tree.facts)
		status = fail_errno(cli, -ENOMEM, "", "draw the tree");
	for (size_t i = 0; i < tree.graph.n && status == EXIT_DONE; i++) {
		struct node *node = &tree.graph.nodes[i];

		if (!node->gone)
			status = read_facts(cli, node, &tree.facts[i]);
		node->gone = node->gone || !tree.facts[i].known;
	}
	if (status == EXIT_DONE)
		print_tree(&tree);
	free(tree.facts);
	free(tree.indent);
	graph_free(&tree.graph);
	return status;
}
