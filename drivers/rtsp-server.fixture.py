"""For tests: GStreamer's RTSP server as a camera with a digest login, which does on its standard input what it is told.

rtsp-server.fixture.py RAW WIDTH HEIGHT FPS: RAW holds pictures (I420), shown round and round. `freeze` shows one picture again and
again, `stall` sends nothing though the connection stays, `live` goes on, `drop` cuts every connection and refuses new ones, `return`
takes them again.
"""
import sys
import threading
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

raw, width, height, fps = sys.argv[1], *map(int, sys.argv[2:5])
size = width * height * 3 // 2
with open(raw, "rb") as file:
    data = file.read()
pictures = [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
state = {"mode": "live", "n": 0, "refuse": False}
Gst.init(None)


def configure(_factory, media):
    source = media.get_element().get_by_name("camera")
    began = {"n": 0}

    def push():
        if source.get_parent() is None:
            return False
        if state["mode"] == "live":
            state["n"] += 1
        if state["mode"] != "stall":
            picture = Gst.Buffer.new_wrapped(pictures[state["n"] % len(pictures)])
            picture.pts = began["n"] * Gst.SECOND // fps
            picture.duration = Gst.SECOND // fps
            if source.emit("push-buffer", picture) != Gst.FlowReturn.OK:
                return False
        began["n"] += 1
        return True

    GLib.timeout_add(1000 // fps, push)


server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
permissions = GstRtspServer.RTSPToken()
permissions.set_string("media.factory.role", "viewer")
auth.add_digest("admin", "p@ss word", permissions)
server.set_auth(auth)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( appsrc name=camera is-live=true format=time caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1"
    f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} ! rtph264pay name=pay0 pt=96 )"
)
factory.add_role_from_structure(
    Gst.Structure.new_from_string("viewer,media.factory.access=(boolean)true,media.factory.construct=(boolean)true")
)
factory.connect("media-configure", configure)
server.get_mount_points().add_factory("/ch1", factory)


def connected(_server, client):
    if state["refuse"]:
        GLib.idle_add(client.close)


server.connect("client-connected", connected)
server.attach(None)
print(server.get_bound_port(), flush=True)


def obey(word):
    if word == "drop":
        state["refuse"] = True
        server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)
    elif word == "return":
        state["refuse"] = False
    else:
        state["mode"] = word
    print(word, flush=True)
    return False


def listen():
    for line in sys.stdin:
        GLib.idle_add(obey, line.strip())
    GLib.idle_add(loop.quit)


loop = GLib.MainLoop()
threading.Thread(target=listen, daemon=True).start()
loop.run()
