#!/bin/bash
# SPDX-License-Identifier: MIT
# containerd's devmapper snapshotter on a real thin pool, with DMSETUP as the only dmsetup there is: snapshots
# prepared, mounted, written, committed, stacked and removed, an image unpacked; nothing is left at the end. In the lab.
set -u
# shellcheck source-path=SCRIPTDIR source=clients.sh
. "${BASH_SOURCE[0]%/*}/clients.sh"
only_dmsetup "$1"

readonly socket=$work/containerd.sock pool=pool
export CONTAINERD_ADDRESS=$socket CONTAINERD_SNAPSHOTTER=devmapper

write_config() {
	cat >"$work/config.toml" <<-END
		version = 2
		root = "$work/root"
		state = "$work/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "$socket"
		[plugins."io.containerd.snapshotter.v1.devmapper"]
		  pool_name = "$pool"
		  root_path = "$work/devmapper"
		  base_image_size = "32MB"
		  discard_blocks = true
	END
}

start() {
	containerd --config "$work/config.toml" >>"$work/log" 2>&1 &
	daemon=$!
	local i
	for ((i = 0; i < 100; i++)); do
		[[ -S $socket ]] && ctr version >/dev/null 2>&1 && return
		sleep 0.2
	done
	return 1
}

stop() {
	kill "$daemon"
	wait "$daemon"
	rm -f "$socket"
}

snapshot() {
	ctr snapshots "$@"
}

# Mounts a snapshot as its mounts say, runs COMMAND there, and takes the mount away.
inside() { # SNAPSHOT COMMAND...
	local status
	snapshot mounts /mnt "$1" >"$work/mounts" || return
	# Without options it ends in "-o ", which mount refuses.
	sed -i 's/ -o *$//' "$work/mounts"
	sh "$work/mounts" || return
	(cd /mnt && "${@:2}")
	status=$?
	umount /mnt && return "$status"
}

# An image of one layer in an archive, as `docker save` and skopeo write one.
make_image() {
	python3 - "$1" <<-'END'
		import hashlib, io, json, sys, tarfile

		def archive(files):
		    out = io.BytesIO()
		    with tarfile.open(fileobj=out, mode="w") as tar:
		        for name, data in files:
		            info = tarfile.TarInfo(name)
		            info.size = len(data)
		            tar.addfile(info, io.BytesIO(data))
		    return out.getvalue()

		def blob(data):
		    return hashlib.sha256(data).hexdigest()

		def described(kind, data):
		    return {"mediaType": "application/vnd.oci.image." + kind,
		            "digest": "sha256:" + blob(data), "size": len(data)}

		layer = archive([("greeting", b"from the image\n"), ("big", bytes(range(256)) * 4096)])
		config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
		                     "rootfs": {"type": "layers", "diff_ids": ["sha256:" + blob(layer)]}}).encode()
		manifest = json.dumps({"schemaVersion": 2,
		                       "config": described("config.v1+json", config),
		                       "layers": [described("layer.v1.tar", layer)]}).encode()
		entry = described("manifest.v1+json", manifest)
		entry["annotations"] = {"io.containerd.image.name": "example/one:1"}
		index = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
		files = [("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("index.json", index)]
		files += [("blobs/sha256/" + blob(data), data) for data in (layer, config, manifest)]
		open(sys.argv[1], "wb").write(archive(files))
	END
}

# What there is now, for who reads it.
tell() { # COMMAND...
	printf '# %s\n' "$*"
	"$@" | sed 's/^/#     /'
}

devices() {
	dmsetup ls | cut -f 1 | sort | xargs
}

truncate -s 256M "$work/data"
data=$(losetup -f --show "$work/data")
write_config
expect 'a thin pool' dmsetup create $pool --table \
	"0 $((256 * 2048)) thin-pool /dev/ram0 $data 128 32768 1 skip_block_zeroing"
expect 'containerd starts' start
same 'its snapshotter works' "$(ctr plugins ls | awk '$2 == "devmapper" { print $NF }')" ok

expect 'a snapshot is prepared' snapshot prepare one
same 'it has a device' "$(devices)" 'pool pool-snap-1'
expect 'it is mounted and written' inside one sh -c 'echo one >file && dd if=/dev/zero of=big bs=64k count=32 2>&1'
expect 'it is committed' snapshot commit base one
expect 'a snapshot of it' snapshot prepare two base
expect 'has its file, and takes another' inside two sh -c 'grep -q one file && echo two >file'
expect 'a second one' snapshot prepare three base
expect 'is its own' inside three grep -q one file
expect 'a view is read-only' snapshot view look base
expect 'and can be read' inside look sh -c 'grep -q one file && ! touch file 2>/dev/null'
expect 'the view is removed' snapshot rm look
same 'usage is told' "$(snapshot usage base | awk 'NR > 1 { print $1 }')" base

make_image "$work/image.tar"
expect 'an image is unpacked' ctr images import --snapshotter devmapper "$work/image.tar"
image=$(snapshot ls | awk '$1 ~ /^sha256:/ { print $1 }')
expect 'a container of it is prepared' snapshot prepare container "$image"
expect 'and has its file' inside container grep -q 'from the image' greeting
tell ctr snapshots ls
tell ctr snapshots usage
tell dmsetup ls
tell dmsetup status

expect 'containerd ends' stop
expect 'and starts again, on the devices it had' start
expect 'the snapshot is as it was' inside two grep -q two file
for name in container three two base; do
	expect "$name is removed" snapshot rm $name
done
expect 'the image is removed' ctr images rm --sync example/one:1
same 'no snapshot is left' "$(snapshot ls | sed 1d)" ''
same 'the pool alone is left' "$(devices)" pool
stop
expect 'the pool is removed' dmsetup remove $pool
tell dmsetup ls
same 'no device is left' "$(dmsetup ls)" 'No devices found'
same 'and no node' "$(ls /dev/mapper)" control
losetup -d "$data"
finish
