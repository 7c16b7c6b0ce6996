import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import readers
from support.readers import GETS, TREES, lay_out

from fic2epub.cli.app import app
from fic2epub.delivery.devices import find_devices
from fic2epub.delivery.markers import KINDS, recognise
from fic2epub.delivery.mounts import Mount, linux_mounts, mac_mounts, mounts, windows_mounts
from fic2epub.delivery.target_file import TARGET_NAME
from fic2epub.delivery.targets import choose, device_for, is_path, mail_account, not_found
from fic2epub.errors import DeviceNotFoundError, ExitCode, UsageError


def found(*tops: Path):
    return find_devices(Mount(top, top.name) for top in tops).devices


# Where devices are mounted

MOUNTINFO = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 27 8:17 / /media/ada/KOBOeReader rw,nosuid,nodev shared:5 - vfat /dev/sdb1 rw,uid=1000
42 27 8:33 / /run/media/ada/My\040Kindle rw,nosuid - vfat /dev/sdc1 rw
43 27 8:49 / /mnt/card ro,relatime - exfat /dev/sdd1 ro
44 27 8:65 / /media/ada/old rw,relatime - vfat /dev/sde1 ro,errors=remount-ro
45 27 0:50 / /mnt/nas rw,relatime - nfs4 nas:/share rw
46 27 0:51 / /media/ada/phone rw - fuse.jmtpfs jmtpfs rw
47 27 0:52 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw
48 27 8:81 / /home/ada/disk rw - ext4 /dev/sdf1 rw
49 27 8:97 / /mnt rw - vfat /dev/sdg1 rw
50 27 0:53 / /media/ada/tab\011and\134slash rw - vfat /dev/sdh1 rw
51 41 8:18 / /media/ada/KOBOeReader ro - vfat /dev/sdb1 ro
this line is none
"""


def test_linux_mounts_are_those_where_a_persons_disks_lie():
    by_path = {mount.path.as_posix(): mount for mount in linux_mounts(MOUNTINFO)}
    assert list(by_path) == [
        "/media/ada/KOBOeReader",
        "/media/ada/old",
        "/media/ada/tab\tand\\slash",
        "/mnt",
        "/mnt/card",
        "/run/media/ada/My Kindle",
    ]
    assert by_path["/run/media/ada/My Kindle"].label == "My Kindle"


def test_linux_tells_what_is_read_only_by_the_mount_and_by_the_disk():
    only_read = {mount.label for mount in linux_mounts(MOUNTINFO) if mount.read_only}
    assert only_read == {"card", "old", "KOBOeReader"}


@pytest.mark.skipif(os.name == "nt", reason="names in any bytes are POSIX")
def test_a_mount_may_be_called_in_bytes_that_are_no_text():
    line = os.fsdecode(b"41 27 8:17 / /media/ada/K\xff rw - vfat /dev/sdb1 rw")
    assert os.fsencode(linux_mounts(line)[0].path) == b"/media/ada/K\xff"


def test_macos_mounts_are_the_volumes_without_those_of_the_system():
    names = ["KOBOeReader", ".timemachine", "com.apple.TimeMachine.localsnapshots", "Kindle"]
    volumes = mac_mounts(Path("/Volumes") / name for name in names)
    assert [mount.label for mount in volumes] == ["KOBOeReader", "Kindle"]


def test_windows_mounts_are_the_drives_without_the_systems_own():
    labels = {"E:\\": "KOBOeReader", "F:\\": None}
    drives = windows_mounts(["C:\\", "F:\\", "E:\\"], "c:", labels.get)
    assert [(mount.label, str(mount.path)) for mount in drives] == [("KOBOeReader", "E:\\"), ("F:", "F:\\")]


def test_this_machine_can_be_asked():
    assert all(isinstance(mount, Mount) for mount in mounts())


# Which device it is


@pytest.mark.parametrize("kind", TREES)
def test_each_kind_is_told_by_its_folders(tmp_path, kind):
    (device,) = found(lay_out(tmp_path / "disk", kind))
    folder, suffix = GETS[kind]
    assert (device.kind, device.folder) == (kind, folder)
    assert suffix.startswith({"kepub": ".kepub", "azw3": ".azw3", "epub": ".epub"}[device.format])
    assert device.total > device.free > 0
    assert not device.read_only


@pytest.mark.parametrize(
    ("model", "kind", "name", "form"),
    [
        ("390", "kobo", "Kobo Libra Colour", "kepub"),
        ("376", "kobo", "Kobo Clara HD", "kepub"),
        ("399", "kobo", "Kobo", "kepub"),
        ("690", "tolino", "tolino vision color", "epub"),
        ("699", "tolino", "tolino", "epub"),
    ],
)
def test_a_kobos_model_is_read_and_a_tolino_made_by_kobo_gets_plain_epub(tmp_path, model, kind, name, form):
    (tmp_path / ".kobo").mkdir()
    line = f"N1,4.1,4.38,4.1,4.1,00000000-0000-0000-0000-000000000{model}\n"
    (tmp_path / ".kobo" / "version").write_text(line)
    seen = recognise(tmp_path)
    assert (seen.kind, seen.name, seen.format) == (kind, name, form)


@pytest.mark.parametrize("version", [b"", b"rubbish", b"\xff\xfe,,,", b"a,b,c,"])
def test_a_kobo_whose_version_cannot_be_read_is_a_kobo_all_the_same(tmp_path, version):
    (tmp_path / ".kobo").mkdir()
    (tmp_path / ".kobo" / "version").write_bytes(version)
    assert recognise(tmp_path).name == "Kobo"


def test_a_marker_is_known_whatever_the_case_of_its_letters(tmp_path):
    for folder in ("DOCUMENTS", "System/Thumbnails"):
        (tmp_path / folder).mkdir(parents=True)
    assert recognise(tmp_path).kind == "kindle"


@pytest.mark.parametrize(
    ("folders", "folder"),
    [
        (["NOOK/My Files"], "NOOK/My Files"),
        (["NOOK/My Files", "NOOK/Books"], "NOOK/Books"),
        (["NOOK"], "NOOK/Books"),
        (["My Files", ".adobe-digital-editions"], "My Files"),
    ],
)
def test_a_nook_has_its_folder_by_its_age(tmp_path, folders, folder):
    for name in folders:
        (tmp_path / name).mkdir(parents=True)
    seen = recognise(tmp_path)
    assert (seen.kind, seen.folder) == ("nook", folder)


def test_an_old_sony_has_its_own_folder(tmp_path):
    (tmp_path / "database" / "media" / "books").mkdir(parents=True)
    assert recognise(tmp_path).folder == "database/media/books"


@pytest.mark.parametrize("kind", ["kobo", "kindle"])
def test_koreader_on_a_device_is_seen_and_the_device_stays_what_it_is(tmp_path, kind):
    device = found(lay_out(tmp_path / "disk", kind, koreader=True))[0]
    assert device.koreader
    assert device.kind == kind
    (asked,) = choose([device], "koreader")
    assert (asked.format, asked.folder, asked.keeps_places) == ("epub", device.folder, True)
    assert choose([device], kind) == (device,)


def test_koreader_lives_among_the_applications_of_a_pocketbook(tmp_path):
    lay_out(tmp_path, "pocketbook")
    (tmp_path / "applications" / "koreader").mkdir(parents=True)
    assert recognise(tmp_path).koreader


@pytest.mark.parametrize(
    "folders",
    [
        [],
        ["documents", "pictures"],
        ["documents", "system"],
        ["database"],
        ["Books"],
        ["My Files"],
        [".adobe-digital-editions"],
        ["system/config"],
        [".kobo"],
        ["DCIM", "Android"],
    ],
)
def test_a_disk_that_is_no_reader_is_none(tmp_path, folders):
    for name in folders:
        (tmp_path / name).mkdir(parents=True)
    assert recognise(tmp_path) is None
    assert found(tmp_path) == ()


def test_a_mount_that_is_gone_is_no_device(tmp_path):
    assert found(tmp_path / "gone") == ()


def test_no_serial_number_is_kept(tmp_path):
    (device,) = found(lay_out(tmp_path / "disk", "kobo"))
    assert "N0000000000000" not in repr(device)
    assert device.key.startswith("kobo:")


# A folder that its owner marked


def marked(folder: Path, text: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TARGET_NAME).write_text(text)
    return folder


def test_an_empty_mark_is_enough(tmp_path):
    (device,) = found(marked(tmp_path / "phone"))
    assert (device.kind, device.name, device.format, device.folder) == ("folder", "phone", "epub", "")


def test_what_the_owner_wrote_holds_even_on_a_device(tmp_path):
    top = lay_out(tmp_path / "disk", "kobo")
    marked(top, 'name = "mine"\nformat = "epub"\nfolder = "Fan/Fic"\nkeeps-places = true\n')
    (device,) = found(top)
    assert (device.kind, device.name, device.format) == ("kobo", "mine", "epub")
    assert (device.folder, device.keeps_places) == ("Fan/Fic", True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format = 'pdf'", "format is 'pdf'"),
        ("folder = '../..'", "lies within"),
        ("folder = '/etc'", "lies within"),
        ("folder = '.kobo'", "lies within"),
        ("folder = 3", "lies within"),
        ("name = 'a/b'", "without slashes"),
        ("keeps-places = 'yes'", "true or false"),
        ("command = 'rm'", "command is no key"),
        ("name", "no TOML"),
        ("x = " + "[" * 5000, "TOML"),
        ("#" * 20_000, "over 16 kB"),
    ],
)
def test_a_mark_that_nobody_understands_is_told_and_leads_nowhere(tmp_path, text, says):
    seen = find_devices([Mount(marked(tmp_path / "phone", text), "phone")])
    assert seen.devices == ()
    assert says in seen.problems[0]
    assert TARGET_NAME in seen.problems[0]


def test_marked_folders_are_found_beside_and_at_home_and_hidden_ones_are_not(tmp_path):
    marked(tmp_path / "sync" / "phone")
    marked(tmp_path / "home" / "Dropbox")
    marked(tmp_path / "home" / ".cache")
    lay_out(tmp_path / "home" / "backup of my kobo", "kobo")
    seen = find_devices([], beside=[tmp_path / "sync"], home=tmp_path / "home")
    assert [device.label for device in seen.devices] == ["phone", "Dropbox"]


def test_a_device_that_is_reached_by_two_paths_is_one(tmp_path):
    top = lay_out(tmp_path / "home" / "disk", "kobo")
    (tmp_path / "link").symlink_to(top)
    marked(top)
    mounts = [Mount(top, "KOBOeReader"), Mount(tmp_path / "link", "link")]
    seen = find_devices(mounts, beside=[tmp_path / "home"], home=tmp_path / "home")
    assert [device.label for device in seen.devices] == ["KOBOeReader"]


def test_a_folder_in_which_a_disk_called_nook_is_mounted_is_no_nook(tmp_path):
    lay_out(tmp_path / "media" / "NOOK", "kobo")
    assert [device.kind for device in find_devices([], beside=[tmp_path / "media"]).devices] == ["kobo"]
    top = lay_out(tmp_path / "disk", "nook")
    assert [device.top for device in find_devices([], beside=[top]).devices] == [top]


# What --to means


def test_a_target_is_a_path_a_mail_or_a_word():
    assert [
        is_path(to) for to in ("kobo", "My Kobo", "mail:me", ".", "..", "a/b", "/media/x", "~", "E:\\")
    ] == [
        *[False] * 3,
        *[True] * 6,
    ]
    assert mail_account("mail:kindle") == "kindle"
    assert mail_account("kindle") is None
    with pytest.raises(UsageError, match="names no account"):
        mail_account("mail: ")


def test_a_device_is_chosen_by_kind_label_or_name(tmp_path):
    one = lay_out(tmp_path / "KOBOeReader", "kobo")
    two = lay_out(tmp_path / "KOBOeReader1", "kobo")
    three = lay_out(tmp_path / "Kindle", "kindle")
    devices = found(one, two, three)
    assert len(choose(devices, None)) == 3
    assert len(choose(devices, "KOBO")) == 2
    assert [device.top for device in choose(devices, "koboereader1")] == [two]
    assert [device.top for device in choose(devices, "Kobo Libra Colour")] == [one, two]
    assert choose(devices, "nook") == ()
    assert choose(devices, "koreader") == ()


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("kindle", "--to mail:NAME"),
        ("kindle", "Amazon's own program for USB"),
        ("kobo", "fic2epub serve"),
        (None, "A Kindle since 2024 does not appear as a disk"),
        ("my reader", "no e-reader of this name"),
    ],
)
def test_if_nothing_is_found_the_sentence_names_the_other_ways(to, says):
    error = not_found(to)
    assert says in str(error)
    assert error.exit_code is ExitCode.DELIVERY


def test_every_kind_that_is_not_found_has_its_sentence():
    assert len({str(not_found(kind)) for kind in KINDS}) == len(KINDS)


def test_the_top_of_a_device_is_that_device(tmp_path):
    device = device_for(lay_out(tmp_path / "disk", "kobo"))
    assert (device.kind, device.folder) == ("kobo", "fic2epub")


def test_a_folder_of_a_device_gets_what_the_device_reads(tmp_path):
    inner = lay_out(tmp_path / "disk", "kobo") / "Fanfic"
    inner.mkdir()
    device = device_for(inner)
    assert (device.kind, device.folder, device.format, device.goal) == ("kobo", "Fanfic", "kepub", inner)


def test_a_folder_of_the_home_folder_is_not_taken_for_one_of_a_device(tmp_path, monkeypatch):
    lay_out(tmp_path, "koreader")
    (tmp_path / "fic").mkdir()
    assert device_for(tmp_path / "fic").kind == "koreader"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert device_for(tmp_path / "fic").kind == "folder"


def test_any_other_folder_gets_epub_unless_it_stands_for_a_device(tmp_path):
    assert (device_for(tmp_path).kind, device_for(tmp_path).format) == ("folder", "epub")
    assert device_for(tmp_path, kind="kobo").format == "kepub"
    assert device_for(tmp_path, kind="kindle").format == "azw3"
    assert device_for(tmp_path, kind="nook").format == "epub"
    assert device_for(tmp_path, kind="koreader").keeps_places


@pytest.mark.parametrize("inner", [".kobo", "system/x"])
def test_a_devices_own_folders_take_no_books(tmp_path, inner):
    top = lay_out(tmp_path / "disk", "kobo")
    (top / inner).mkdir(parents=True, exist_ok=True)
    with pytest.raises(UsageError, match="belongs to the Kobo"):
        device_for(top / inner)


@pytest.mark.skipif(os.name == "nt", reason="folders of a POSIX system")
@pytest.mark.parametrize("folder", ["/", "/etc", "/usr/share", "/dev/shm", "~", "/etc/../usr"])
def test_folders_of_the_system_and_the_home_folder_take_no_books(folder):
    with pytest.raises(UsageError, match="system or your home"):
        device_for(Path(folder))


@pytest.mark.skipif(os.name == "nt", reason="GNOME's file system")
def test_what_is_reached_by_mtp_takes_no_books_and_the_sentence_says_why(tmp_path):
    with pytest.raises(UsageError, match=r"reached by MTP.*--to mail:NAME"):
        device_for(Path("/run/user/1000/gvfs/mtp:host=Amazon_Kindle/Internal Storage"))


def test_a_link_to_a_folder_of_the_system_is_seen_through(tmp_path):
    (tmp_path / "books").symlink_to("/usr" if os.name != "nt" else Path("C:/Windows"))
    with pytest.raises(UsageError, match="system or your home"):
        device_for(tmp_path / "books")


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(DeviceNotFoundError, match="no folder that is there"):
        device_for(tmp_path / "unmounted")
    assert not (tmp_path / "unmounted").exists()


# The command


def run(*arguments, home: Path):
    environment = {"HOME": str(home), "USERPROFILE": str(home)}
    return CliRunner().invoke(app, ["devices", *map(str, arguments)], env=environment)


def test_the_command_lists_devices_with_room_and_format(tmp_path):
    lay_out(tmp_path / "in" / "KOBOeReader", "kobo", koreader=True)
    marked(tmp_path / "in" / "phone")
    done = run("--look-in", tmp_path / "in", home=tmp_path)
    assert done.exit_code == 0
    kobo, phone = done.stdout.splitlines()
    assert kobo.startswith("Kobo Libra Colour (KOBOeReader)")
    assert "free of" in kobo
    assert kobo.endswith("KEPUB into fic2epub/")
    assert phone.endswith("EPUB into its top folder")
    assert "--to koreader" in done.stderr


def test_the_command_lists_devices_as_json(tmp_path):
    for kind in TREES:
        lay_out(tmp_path / "in" / kind, kind)
    done = run("--look-in", tmp_path / "in", "--json", home=tmp_path)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["kind"] for one in told} == set(TREES)
    assert {one["kind"]: one["folder"] for one in told} == {
        kind: folder for kind, (folder, _) in GETS.items()
    }
    assert all(one["schema"] == 1 and one["free"] > 0 for one in told)


def test_without_a_device_the_command_says_what_else_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr("fic2epub.delivery.mounts.mounts", tuple)
    done = run(home=tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "mail:NAME" in done.stderr
    assert "serve" in done.stderr
    assert run("--json", home=tmp_path).stdout == ""
    assert run("--books", "kindle", home=tmp_path).exit_code == ExitCode.DELIVERY


def test_a_wrong_mark_is_told_and_the_others_are_listed(tmp_path):
    marked(tmp_path / "in" / "a", "format = 'pdf'")
    marked(tmp_path / "in" / "b")
    done = run("--look-in", tmp_path / "in", home=tmp_path)
    assert done.stdout.startswith("b ")
    assert "format is 'pdf'" in done.stderr


@pytest.mark.needs("mount")
def test_a_mounted_disk_is_found_where_the_system_mounts_it(tmp_path):
    place = Path("/media") / f"fic2epub-test-{os.getpid()}"
    try:
        with readers.small_disk(place):
            lay_out(place, "kindle")
            done = run("--json", home=tmp_path)
            mine = [
                one for line in done.stdout.splitlines() if (one := json.loads(line))["path"] == str(place)
            ]
            assert mine[0]["kind"] == "kindle"
            assert 0 < mine[0]["free"] < mine[0]["total"] == 16 << 20
            readers.make_read_only(place)
            lines = map(json.loads, run("--json", home=tmp_path).stdout.splitlines())
            assert next(one for one in lines if one["path"] == str(place))["read_only"]
    finally:
        place.rmdir()
