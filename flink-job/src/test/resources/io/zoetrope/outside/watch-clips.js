// Watches every clip of a page, which starts them itself, until it has been seen to play to its end: a clip that loops is
// there when it begins again. Argument: the function that is told, for each figure, what it says and how its clip fared.
const [done] = arguments;

const patience = 90_000;
// A busy machine looks too seldom to see the end of every round.
const rounds = 5;
const nearTheEnd = 0.1;

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
    const look = () => {
      const time = video.currentTime;
      round += time < last || video.ended ? 1 : 0;
      last = time;
      furthest = Math.max(furthest, time);
      if (video.error) {
        report(video.error.message);
      } else if (video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) {
        report("no source that the browser plays");
      } else if ((round > 0 && furthest > video.duration - nearTheEnd) || round >= rounds) {
        report("");
      } else if (performance.now() > patience) {
        report(`stands still at ${time} s`);
      }
    };
    const timer = setInterval(look, 20);
  });

const figures = [...document.querySelectorAll("figure")].map(async (figure) => {
  const video = figure.querySelector("video");
  return {text: figure.textContent, clip: video && (await watch(video))};
});
Promise.all(figures).then(done);
