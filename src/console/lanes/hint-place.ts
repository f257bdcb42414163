interface Point {
  readonly x: number
  readonly y: number
}

interface Area {
  readonly width: number
  readonly height: number
}

const EDGE_PX = 8
const LEFT_OF_POINTER_PX = 20
const FROM_POINTER_PX = 14

/**
 * Below the pointer, or above it where there is no room. In pixels of the
 * view.
 */
export const hintPlace = (pointer: Point, hint: Area, view: Area): { readonly left: number; readonly top: number } => {
  const most = view.width - hint.width - EDGE_PX
  const below = pointer.y + FROM_POINTER_PX
  const isRoomBelow = below + hint.height <= view.height - EDGE_PX
  return {
    left: Math.max(Math.min(pointer.x - LEFT_OF_POINTER_PX, most), EDGE_PX),
    top: isRoomBelow ? below : Math.max(pointer.y - FROM_POINTER_PX - hint.height, EDGE_PX),
  }
}
