import { effect, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export interface Size {
  readonly width: number
  readonly height: number
}

export const useSize = (element: RefObject<HTMLElement | null>) => {
  const size = useSignal<Size>({ width: 0, height: 0 })
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const read = (): void => {
      const { clientWidth: width, clientHeight: height } = target
      if (width !== size.peek().width || height !== size.peek().height) size.value = { width, height }
    }
    const observer = new ResizeObserver(read)
    observer.observe(target)
    read()
    return () => observer.disconnect()
  }, [])
  return size
}

export const useDrawing = (
  canvas: RefObject<HTMLCanvasElement | null>,
  draw: (context: CanvasRenderingContext2D, size: Size, ratio: number) => void,
  size: { readonly value: Size },
): void => {
  const latest = useRef(draw)
  latest.current = draw
  useEffect(() => {
    let frame = 0
    const paint = (): void => {
      const target = canvas.current
      const { width, height } = size.value
      if (target === null || width === 0) return
      const ratio = devicePixelRatio
      if (target.width !== Math.round(width * ratio)) target.width = Math.round(width * ratio)
      if (target.height !== Math.round(height * ratio)) target.height = Math.round(height * ratio)
      const context = target.getContext('2d')!
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
      latest.current(context, { width, height }, ratio)
    }
    // The first run finds out which signals are read; later ones wait for a frame.
    let isFirst = true
    let stop: (() => void) | undefined
    const start = (): void => {
      stop?.()
      isFirst = true
      stop = effect(() => {
        if (isFirst) paint()
        else if (frame === 0)
          frame = requestAnimationFrame(() => {
            frame = 0
            start()
          })
        isFirst = false
      })
    }
    start()
    return () => {
      stop?.()
      cancelAnimationFrame(frame)
    }
  }, [])
}
