// Watches every clip of a page until the clip has played to its end; the page starts the clips. A clip that loops has
// played to its end when it starts again. Argument: the callback that receives, for each figure, its text and the result
// of its clip.
const [done] = arguments;

const timeoutMillis = 90_000;
// On a busy machine the polls can miss the end of a round, so the clip gets several rounds.
const rounds = 5;
const nearTheEndSeconds = 0.1;

const watch = (video) =>
  new Promise((resolve) => {
    let last = 0;
    let furthest = 0;
    let round = 0;
    const report = (problem) => {
      clearInterval(timer);
      const {videoWidth: width, videoHeight: height} = video;
      resolve({problem, width, height, furthest});
    };
    const poll = () => {
      const time = video.currentTime;
      round += time < last || video.ended ? 1 : 0;
      last = time;
      furthest = Math.max(furthest, time);
      if (video.error) {
        report(video.error.message);
      } else if (video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) {
        report("no source that the browser plays");
      } else if ((round > 0 && furthest > video.duration - nearTheEndSeconds) || round >= rounds) {
        report("");
      } else if (performance.now() > timeoutMillis) {
        report(`stopped at ${time} s`);
      }
    };
    const timer = setInterval(poll, 20);
  });

const figures = [...document.querySelectorAll("figure")].map(async (figure) => {
  const video = figure.querySelector("video");
  return {text: figure.textContent, clip: video && (await watch(video))};
});
Promise.all(figures).then(done);
