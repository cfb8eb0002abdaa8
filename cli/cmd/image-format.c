/* SPDX-License-Identifier: MIT */
/* image format. The root digest is all that proves the image: it is on standard output, or in a
 * file that is whole or not there. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/image.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/image-library.h"
#include "show/errors.h"
#include "show/output.h"

static bool same_file(const char *path, const char *other)
{
	struct stat one, two;

	if (!other)
		return false;
	if (strcmp(path, other) == 0)
		return true;
	return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/* The digest would replace what it proves. */
static bool is_of_image(const char *path, const struct dmk_image_options *image)
{
	return same_file(path, image->data) || same_file(path, image->hash) ||
	       same_file(path, image->fec);
}

/* That the file can be made, before hours are spent on what goes into it. */
static int check_digest_file(struct cli *cli, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;

	if (strlen(path) >= sizeof(folder) - sizeof(".XXXXXX"))
		return fail_errno(cli, -ENAMETOOLONG, path, "make");
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return usage_error(cli, path,
				   "--root-digest-file '%s' is no file; without it the digest is "
				   "on standard output",
				   path);
	strcpy(folder, path);
	if (access(dirname(folder), W_OK | X_OK) < 0)
		return fail_errno(cli, -errno, path, "make");
	return EXIT_DONE;
}

static int write_digest(int fd, const char *digest, mode_t mode)
{
	char line[DMK_IMAGE_DIGEST_SIZE + 1];
	int length = snprintf(line, sizeof(line), "%s\n", digest);

	errno = ENOSPC;
	return write(fd, line, (size_t)length) != length || fchmod(fd, mode) < 0 || fsync(fd) < 0
		       ? -errno
		       : 0;
}

/* A file that is there already keeps its mode, and a link to it stays one. */
static int save_digest(const char *path, const char *digest)
{
	char real[PATH_MAX], temporary[PATH_MAX + 8];
	mode_t mask = umask(0);
	struct stat st;
	int fd, r;

	umask(mask);
	if (!realpath(path, real))
		snprintf(real, sizeof(real), "%s", path);
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", real);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_digest(fd, digest, stat(real, &st) == 0 ? st.st_mode & 0777 : 0666 & ~mask);
	close(fd);
	if (r == 0 && rename(temporary, real) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

static void print_json(struct cli *cli, const struct image_run *run,
		       const struct dmk_image_info *made)
{
	json_item(cli);
	json_string(&cli->json, "root_digest", made->root_digest);
	json_image(cli, &run->image, made);
	json_close(&cli->json);
}

int cmd_image_format(struct cli *cli, char **args, int n)
{
	const char *file = cli->options.root_digest_file;
	struct image_library library;
	struct dmk_image_info made;
	struct dmk_error error;
	struct image_run run;
	int status = image_refuse_dry_run(cli, "all that it does is write files");
	int r = 0;

	image_run_begin(cli, &run, "hashing");
	run.image.data = args[0];
	run.image.hash = n > 1 ? args[1] : NULL;
	if (status == EXIT_DONE && file)
		status = check_digest_file(cli, file);
	if (status == EXIT_DONE && file && is_of_image(file, &run.image))
		status = usage_error(cli, file, "--root-digest-file '%s' is a file of the image",
				     file);
	if (status == EXIT_DONE)
		status = image_library_find(cli, &library);
	if (status != EXIT_DONE)
		return status;
	if (library.format(&run.image, &made, &error) < 0)
		return image_run_fail(&run, &error);
	image_run_hide(&run);
	/* Files that are there only now may be the same by another path. */
	if (file)
		r = is_of_image(file, &run.image) ? -EEXIST : save_digest(file, made.root_digest);
	if (given(cli, OPT_JSON))
		print_json(cli, &run, &made);
	else if (!file || r < 0) /* it is lost nowhere */
		puts(made.root_digest);
	return r < 0 ? fail_errno(cli, r, file, "the image is made, but not") : EXIT_DONE;
}
