// localStorage and sessionStorage where there are: browsers may forbid them or have them full, and no page may fail for that.

export const read = (key: string): string | null => readFrom(() => localStorage, key);

// Null takes the entry away. Says whether it was kept.
export const write = (key: string, value: string | null): boolean => writeTo(() => localStorage, key, value);

// The same for this window alone.
export const readSession = (key: string): string | null => readFrom(() => sessionStorage, key);
export const writeSession = (key: string, value: string | null): boolean => writeTo(() => sessionStorage, key, value);

function readFrom(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function writeTo(storage: () => Storage, key: string, value: string | null): boolean {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
