package admission

import "crypto/sha256"

// hashBytes is the size of a hash in the tree: SHA-256 cut to 128 bits.
//
// That is enough here. The server alone makes the claims, and each has 128 random bits, so nobody
// can look for two that collide (which would take 2^64 attempts): a forger needs a second preimage
// of a hash that was signed already. That takes 2^128 attempts for one, and 2^98 to hit any of a
// billion. What fits would still have to be the claims of a ticket that the ledger knows, wherever
// a scanner asks it.
const hashBytes = 16

// hash is a leaf or a node of the tree.
type hash [hashBytes]byte

// A leaf and a node are hashes of texts that start differently, so that neither can be taken for
// the other (RFC 9162 §2.1.1 does it the same way).
const (
	leafTag = 0x00
	nodeTag = 0x01
)

// maxNodes bounds a tree: twice the leaves, and one node promoted on each level.
const maxNodes = 2*MaxTickets + maxPath

// leafOf is the leaf of claims in their binary form: at most maxClaimBytes.
func leafOf(claims []byte) (h hash) {
	var buf [1 + maxClaimBytes]byte
	buf[0] = leafTag
	sum := sha256.Sum256(buf[:1+copy(buf[1:], claims)])
	return hash(sum[:hashBytes])
}

func nodeOf(left, right hash) hash {
	var buf [1 + 2*hashBytes]byte
	buf[0] = nodeTag
	copy(buf[1:], left[:])
	copy(buf[1+hashBytes:], right[:])
	sum := sha256.Sum256(buf[:])
	return hash(sum[:hashBytes])
}

// grow appends the levels above the leaves, the lowest first; the last one is the root. A node
// without a neighbour is promoted as it is.
func grow(nodes []hash) []hash {
	for start, width := 0, len(nodes); width > 1; start, width = start+width, (width+1)/2 {
		for i := start; i < start+width; i += 2 {
			if i+1 == start+width {
				nodes = append(nodes, nodes[i])
				continue
			}
			nodes = append(nodes, nodeOf(nodes[i], nodes[i+1]))
		}
	}
	return nodes
}

// appendPath writes the hashes that lead from a leaf to the root of a grown tree, the lowest first.
func appendPath(b []byte, nodes []hash, index, leaves int) []byte {
	for start, width := 0, leaves; width > 1; start, width = start+width, (width+1)/2 {
		if neighbour := index ^ 1; neighbour < width {
			b = append(b, nodes[start+neighbour][:]...)
		}
		index /= 2
	}
	return b
}

// pathBytes is the size of what appendPath writes: index and leaves leave no choice.
func pathBytes(index, leaves int) (n int) {
	for width := leaves; width > 1; width = (width + 1) / 2 {
		if index^1 < width {
			n += hashBytes
		}
		index /= 2
	}
	return n
}

// climb is the root that a leaf and its path lead to. path has pathBytes(index, leaves).
func climb(h hash, path []byte, index, leaves int) hash {
	for width := leaves; width > 1; width = (width + 1) / 2 {
		if index^1 < width {
			neighbour := hash(path[:hashBytes])
			path = path[hashBytes:]
			if index%2 == 0 {
				h = nodeOf(h, neighbour)
			} else {
				h = nodeOf(neighbour, h)
			}
		}
		index /= 2
	}
	return h
}
