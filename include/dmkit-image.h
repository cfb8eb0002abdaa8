/* SPDX-License-Identifier: MIT */
/*
 * libdmkit-image: images that dm-verity checks, made, checked, repaired, mapped and mounted.
 *
 * An image is data, a file system most often, a hash tree over its blocks and, in front of the
 * tree, a superblock with the numbers that the tree was made by. The tree stands in a file or device
 * of its own, or behind the data in theirs. The root digest, which proves all of it, stands in none
 * of them: format gives it, and who maps or mounts the image has to know it.
 *
 *	struct dmk_image_options image = { .data = "layer.img" };
 *	struct dmk_image_info made;
 *	struct dmk_error error;
 *
 *	if (dmk_image_format(&image, &made, &error) == 0)
 *		puts(made.root_digest);
 *
 * A call that fails returns a negative errno and fills *ret_error, where that is not NULL: it says
 * which step failed, on what, why, and dmk_error_format() makes a sentence of it. Nothing is global
 * and nothing is kept between calls: they may run in any number of threads at a time. Sizes and
 * offsets are bytes where their names say so, blocks are counted from 0.
 *
 * format, verify and repair need libcrypto; -EOPNOTSUPP in a library that was built without it.
 * The rest hashes nothing.
 */
#ifndef DMKIT_IMAGE_H
#define DMKIT_IMAGE_H

#include <dmkit.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DMK_IMAGE_DIGEST_SIZE 129 /* a digest of 64 bytes in hex, and the NUL */
#define DMK_IMAGE_SALT_SIZE 513	  /* a salt of 256 bytes in hex, and the NUL */
#define DMK_IMAGE_UUID_SIZE 37
#define DMK_IMAGE_ALGORITHM_SIZE 32 /* as the superblock has it */
#define DMK_IMAGE_TYPE_SIZE 16	    /* of a file system */
#define DMK_IMAGE_MAX_LEVELS 63

/* ---- an image and its numbers ---------------------------------------------------------- */

/* Since: 0.1 */
enum dmk_image_flag {
	DMK_IMAGE_NO_SUPERBLOCK = 1 << 0, /* there is none, and the numbers below say what it would;
					     format writes none */
	DMK_IMAGE_VERSION_0 = 1 << 1,	  /* the tree's format is 0, Chrome OS's: the salt is hashed
					     behind the block, digests are packed; without it 1 */
	DMK_IMAGE_FEC_APPENDED = 1 << 2,  /* parity behind the tree, in the tree's file */
	DMK_IMAGE_DRY_RUN = 1 << 3	  /* repair: tell what would be mended, write nothing */
};

/* What a step is at, for dmk_image_progress_fn. Values are fixed. Since: 0.1 */
enum dmk_image_phase {
	DMK_IMAGE_PHASE_HASH = 1,   /* data is read and hashed */
	DMK_IMAGE_PHASE_FEC = 2,    /* parity is computed */
	DMK_IMAGE_PHASE_REPAIR = 3, /* bad blocks are decoded */
	DMK_IMAGE_PHASE_SYNC = 4    /* what was written is brought to the disk; done is 0 */
};

/* Called now and then by the thread that called the verb, at most ten times a second and once at
 * the end of a phase. */
typedef void (*dmk_image_progress_fn)(void *userdata, uint32_t phase, uint64_t done_bytes,
				      uint64_t all_bytes);

/* What is bad. Values are fixed. Since: 0.1 */
enum dmk_image_area {
	DMK_IMAGE_DATA = 1, /* blocks of data whose digest is not the tree's */
	DMK_IMAGE_TREE = 2, /* blocks of the tree whose digest is not that of the level above */
	DMK_IMAGE_ROOT = 3  /* the tree's first block, whose digest is not the root digest */
};

/* Neighbours that are bad. Since: 0.1 */
struct dmk_image_bad {
	uint32_t area;	      /* enum dmk_image_area */
	uint32_t level;	      /* of the tree, 0: the digests of data */
	uint64_t first_block; /* of the data; of the tree's area counted from its begin */
	uint64_t n_blocks;
	uint64_t offset_bytes; /* of the first one, in data's or the tree's file */
	uint32_t mendable;     /* 0: there is no parity, 1: all of them by it, 2: not all of them */
	uint32_t unproved; /* 1: data, or blocks of the tree, below a bad block of the tree, which
			      has their digests: they may be good */
};
/* In the order of their place; data first. By the thread that called the verb. */
typedef void (*dmk_image_bad_fn)(void *userdata, const struct dmk_image_bad *bad);

/* Zero it before use; 0 and NULL are each one's default. Since: 0.1 */
struct dmk_image_options {
	uint32_t flags;			/* DMK_IMAGE_* */
	uint32_t data_block_size_bytes; /* a power of 2, 512 to 65536; 0: 4096 */
	uint32_t hash_block_size_bytes;
	uint32_t fec_roots; /* bytes of parity for each 255; 2 to 24; 0: 2 where fec is given */
	uint32_t threads;   /* 0: one for each CPU that the process may run on */
	uint32_t unused;    /* zero */
	const char *data;   /* path of a file or block device */
	const char *hash;   /* where superblock and tree are; NULL: behind the data, in its file */
	/* Where the superblock is; without one, where the tree is. In data's own file 0 means right
	 * behind the data: in format its end, else where the file system in front says that it ends. */
	uint64_t hash_offset_bytes;
	uint64_t data_blocks;	   /* 0: all that there are */
	const char *algorithm;	   /* by the kernel's name; NULL: sha256 */
	const char *salt;	   /* in hex, at most 256 bytes; "-": none; NULL: 32 random ones */
	const char *uuid;	   /* NULL: a random one */
	const char *root_digest;   /* in hex; of verify and repair */
	const char *fec;	   /* path of the parity; NULL: none, or FEC_APPENDED */
	uint64_t fec_offset_bytes; /* in fec; with FEC_APPENDED 0 means right behind the tree */
	dmk_image_progress_fn progress;
	dmk_image_bad_fn bad;
	void *userdata;			     /* of both */
	const volatile int32_t *cancel_flag; /* not 0: end with -ECANCELED; NULL: none */
	uint64_t reserved[4];
};

/* What an image's superblock says and what follows from it. Since: 0.1 */
struct dmk_image_info {
	uint32_t version; /* of the tree's format, 0 or 1 */
	uint32_t data_block_size_bytes;
	uint32_t hash_block_size_bytes;
	uint32_t has_superblock; /* 0 or 1 */
	uint32_t digest_size_bytes;
	uint32_t salt_size_bytes;
	uint32_t
		levels; /* of the tree; 0: the data is one block, whose digest is the root digest */
	uint32_t fec_roots;
	uint64_t data_blocks;
	uint64_t hash_offset_bytes; /* of the superblock, or, without one, of the tree */
	uint64_t tree_offset_bytes;
	uint64_t tree_blocks;
	uint64_t hash_start_block;  /* the tree's first one, as the kernel's table counts it */
	uint64_t fec_offset_bytes;  /* fec_*: of format with parity alone */
	uint64_t fec_blocks;	    /* of parity itself, not those that it covers */
	uint64_t file_system_bytes; /* by its own superblock; 0: not known */
	char file_system[DMK_IMAGE_TYPE_SIZE]; /* "ext4", "squashfs", "erofs"; empty: not known */
	char algorithm[DMK_IMAGE_ALGORITHM_SIZE];
	char uuid[DMK_IMAGE_UUID_SIZE];		 /* empty without superblock */
	char salt[DMK_IMAGE_SALT_SIZE];		 /* in hex; "-": none */
	char root_digest[DMK_IMAGE_DIGEST_SIZE]; /* of format; empty in dmk_image_look() */
	uint64_t reserved[4];
};

/* Reads the superblock of the image and checks it; flags, hash, hash_offset_bytes as above. Where
 * hash is NULL and hash_offset_bytes 0 the superblock is looked for where the file system in data
 * ends. data may be NULL: then hash alone is looked at. -EINVAL: none is there, or it has impossible numbers. Since: 0.1 */
DMK_API int dmk_image_look(const struct dmk_image_options *options, struct dmk_image_info *ret_info,
			   struct dmk_error *ret_error);

/* ---- make, check, repair --------------------------------------------------------------- */

/* Writes tree, parity and superblock over the data, the superblock last, when all else is on the
 * disk; a file that is not there yet is made, with mode 0644 less the umask. After a failure the
 * files that it made are gone, and where the superblock would be are zeros. Since: 0.1 */
DMK_API int dmk_image_format(const struct dmk_image_options *options,
			     struct dmk_image_info *ret_info, struct dmk_error *ret_error);

/* What verify and repair saw, in blocks. Since: 0.1 */
struct dmk_image_counts {
	uint64_t checked_bytes;
	uint64_t bad_data;
	uint64_t bad_tree;
	uint64_t unproved; /* of data and tree, below bad blocks of the tree: they may be good */
	uint64_t mendable; /* of bad_data and bad_tree, by the parity; in repair: mended */
	uint64_t reserved[4];
};

/* Reads and checks every block. All bad ones are told by options->bad. -EBADMSG: one is bad.
 * *ret_counts is filled then too. Since: 0.1 */
DMK_API int dmk_image_verify(const struct dmk_image_options *options,
			     struct dmk_image_counts *ret_counts, struct dmk_error *ret_error);

/* Mends by the parity what is bad, each block only with bytes that its digest proves, and tells
 * options->bad of each. -EBADMSG: one could not be. Since: 0.1 */
DMK_API int dmk_image_repair(const struct dmk_image_options *options,
			     struct dmk_image_counts *ret_counts, struct dmk_error *ret_error);

/* ---- map and mount --------------------------------------------------------------------- */

enum dmk_image_map_flag {
	DMK_IMAGE_SHARE = 1 << 0 /* mount: use the mapping of the same image, if there is one */
};

/* Zero it before use. Since: 0.1 */
struct dmk_image_map_options {
	uint32_t flags; /* enum dmk_image_map_flag */
	uint32_t n_keys;
	/* data, hash, hash_offset_bytes, root_digest, and what NO_SUPERBLOCK needs, and fec; of files,
	 * mount makes loop devices. */
	struct dmk_image_options image;
	/* The part of data that holds the image; hash_offset_bytes counts from its begin. 0 and 0:
	 * all of it. */
	uint64_t offset_bytes;
	uint64_t size_bytes;	 /* 0: up to its end */
	const char *signature;	 /* path of a PKCS#7 signature of the root digest, which the kernel
				  checks; since dm-verity 1.5, Linux 5.4 */
	const char *const *keys; /* more of verity's words, "ignore-zero-blocks" "key=value" */
	/* mount alone */
	const char *name; /* of the mapping; NULL: "image-" and the root digest's first 32 digits */
	const char *type; /* of the file system; NULL: found out */
	const char *mount_options; /* as mount -o has them; NULL: none */
	int64_t timeout_ms;	   /* as in other verbs; 0: the connection's */
	uint64_t reserved[4];
};

/* Maps the image as name, read-only, and proves the root digest by one read. A part of data, or
 * data and tree in one part, gets a linear mapping below, name-data, which goes by itself when
 * name goes. Files need loop devices: -ENOTBLK. Since: 0.1 */
DMK_API int dmk_image_map(struct dmk *dm, const char *name,
			  const struct dmk_image_map_options *options, struct dmk_info *ret_info,
			  struct dmk_error *ret_error);

/* Mounts the file system in the image at dir, read-only, checked. Loop device, linear and verity
 * mapping below go by themselves when it is unmounted, by whatever. After a failure nothing of them
 * is left; the error names the step. image.cancel_flag and dmk_set_cancel() end it between two
 * steps. Since: 0.1 */
DMK_API int dmk_image_mount(struct dmk *dm, const char *dir,
			    const struct dmk_image_map_options *options, struct dmk_info *ret_info,
			    struct dmk_error *ret_error);

/* Unmounts dir and waits until the mapping below is gone, unless another mount shares it.
 * timeout_ms: 0: the connection's, else 5000; -1: it is tried once. -EBUSY: after that it is still
 * used: the error names by whom. -ESTALE: another process mounted or unmounted there meanwhile.
 * -ECANCELED: dmk_set_cancel(); the error says whether it is unmounted. Since: 0.1 */
DMK_API int dmk_image_umount(struct dmk *dm, const char *dir, int64_t timeout_ms,
			     struct dmk_error *ret_error);

#ifdef __cplusplus
}
#endif

#endif
