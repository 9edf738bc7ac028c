/** The mark: five petals for the five stages around a camellia heart. */
export function Mark({ size = 26, className }: { size?: number; className?: string }) {
  return (
    <svg
      viewBox="-32 -32 64 64"
      width={size}
      height={size}
      className={className}
      aria-hidden="true"
    >
      <g fill="#7fd0bb">
        {[0, 72, 144, 216, 288].map((turn, index) => (
          <path
            key={turn}
            d="M0-4C-9-9-11-20 0-29 11-20 9-9 0-4Z"
            transform={`rotate(${turn})`}
            opacity={1 - Math.min(index, 5 - index) * 0.16}
          />
        ))}
      </g>
      <circle r="6.5" fill="#e5768a" />
    </svg>
  );
}
