import puppeteer from 'puppeteer-core'
const [,, base, out, ...rest] = process.argv
const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox','--disable-gpu','--disable-dev-shm-usage'] })
const sizes = { phone:[360,740,true], eink:[600,800,false], desk:[1280,900,false] }
for (const spec of rest) {
  const [name, path, which, dark] = spec.split('|')
  const [w,h,touch] = sizes[which]
  const page = await browser.newPage()
  await page.setViewport({ width:w, height:h, isMobile:touch, hasTouch:touch, deviceScaleFactor: touch?2:1 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark':'light' }])
  page.on('console', m => console.log(name, m.type(), m.text()))
  await page.goto(base + path)
  await new Promise(r=>setTimeout(r,300))
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: h<2000 && !spec.endsWith('|top') })
  await page.close()
}
await browser.close()
