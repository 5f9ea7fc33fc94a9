// Plays a stream as a live player does: creates a source buffer of the given content type and appends piece by piece.
// Arguments: content type; pieces in base64, the init segment first; the callback that receives the result.
const [contentType, pieces, done] = arguments;

const video = document.createElement("video");
video.muted = true;
video.defaultPlaybackRate = 4;
document.body.append(video);

const report = (problem) => {
  const buffered = video.buffered;
  done({
    problem: String(problem ?? ""),
    width: video.videoWidth,
    height: video.videoHeight,
    buffered: Array.from({length: buffered.length}, (_, i) => [buffered.start(i), buffered.end(i)]),
  });
};

// If the browser refuses a piece, the next append never resolves, and the video's error states the reason.
const append = (buffer, base64) =>
  new Promise((resolve) => {
    buffer.onupdate = resolve;
    buffer.appendBuffer(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  });

video.onerror = () => report(video.error.message);
video.onended = () => report();

const source = new MediaSource();
source.onsourceopen = async () => {
  try {
    const buffer = source.addSourceBuffer(contentType);
    for (const piece of pieces) {
      await append(buffer, piece);
    }
    source.endOfStream();
    await video.play();
  } catch (problem) {
    report(problem);
  }
};
video.src = URL.createObjectURL(source);
