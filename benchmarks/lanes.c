/* The map's loop as one would write it in C for one network: 4-4-1 tanh without biases, 20 points,
   full batch, squared error, sixteen networks in the lanes of vectors. Built by map.py. */

enum { LANES = 16, WIDTH = 4, POINTS = 20, KEPT = 5 };

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int whole __attribute__((vector_size(4 * LANES)));

static inline lanes chosen(whole mask, lanes a, lanes b) {
    return (lanes)((mask & (whole)a) | (~mask & (whole)b));
}

static inline lanes exponential(lanes x) {
    lanes zero = {0};
    x = chosen(x < zero - 87.0f, zero - 87.0f, x);
    x = chosen(x > zero + 88.0f, zero + 88.0f, x);
    lanes scaled = x * 1.44269504f + 0.5f;
    whole n = __builtin_convertvector(scaled, whole);
    n += __builtin_convertvector(n, lanes) > scaled; /* a mask is -1 */
    lanes power = __builtin_convertvector(n, lanes);
    lanes r = x - power * 0.693359375f + power * 2.12194440e-4f;
    lanes s = r * (1.0f / 5040) + 1.0f / 720;
    s = s * r + 1.0f / 120;
    s = s * r + 1.0f / 24;
    s = s * r + 1.0f / 6;
    s = s * r + 0.5f;
    s = s * r + 1.0f;
    s = s * r + 1.0f;
    return s * (lanes)((n + 127) << 23);
}

/* x [POINTS][WIDTH], y [POINTS]; of each group parameters [20][LANES], rates [2][LANES] and
   kept [KEPT][LANES]: first loss, last, sum of shares, sum of inverses, sum over the last tenth. */
void train(const float *x, const float *y, int groups, int steps, float *parameters,
           const float *rates, float *kept) {
    for (int group = 0; group < groups; group++) {
        lanes *p = (lanes *)(parameters + group * (WIDTH * WIDTH + WIDTH) * LANES);
        lanes *k = (lanes *)(kept + group * KEPT * LANES);
        lanes lower = *(lanes *)(rates + group * 2 * LANES);
        lanes upper = *(lanes *)(rates + group * 2 * LANES + LANES);
        lanes hidden[WIDTH][WIDTH], output[WIDTH], zero = {0};
        for (int j = 0; j < WIDTH; j++) {
            for (int i = 0; i < WIDTH; i++) hidden[j][i] = p[j * WIDTH + i];
            output[j] = p[WIDTH * WIDTH + j];
        }
        for (int i = 0; i < KEPT; i++) k[i] = zero;
        for (int step = 0; step < steps; step++) {
            lanes of_hidden[WIDTH][WIDTH], of_output[WIDTH], loss = zero;
            for (int j = 0; j < WIDTH; j++) {
                of_output[j] = zero;
                for (int i = 0; i < WIDTH; i++) of_hidden[j][i] = zero;
            }
            for (int q = 0; q < POINTS; q++) {
                lanes h[WIDTH], z = zero;
                for (int j = 0; j < WIDTH; j++) {
                    lanes sum = zero;
                    for (int i = 0; i < WIDTH; i++) sum += hidden[j][i] * x[q * WIDTH + i];
                    h[j] = 1.0f - 2.0f / (exponential(2.0f * sum) + 1.0f);
                    z += h[j] * output[j];
                }
                lanes e = z - y[q], d = e * (2.0f / POINTS);
                loss += e * e;
                for (int j = 0; j < WIDTH; j++) {
                    lanes back = d * output[j] * (1.0f - h[j] * h[j]);
                    of_output[j] += d * h[j];
                    for (int i = 0; i < WIDTH; i++) of_hidden[j][i] += back * x[q * WIDTH + i];
                }
            }
            loss *= 1.0f / POINTS;
            if (step == 0) k[0] = loss;
            lanes share = loss / k[0];
            share = chosen(share < zero + 1e6f, share, zero + 1e6f);
            whole finite = loss - loss == zero;
            int living = 0;
            for (int i = 0; i < LANES; i++) living |= finite[i];
            if (!living) break;
            k[1] = chosen(finite, loss, k[1]);
            k[2] += chosen(finite, share, zero);
            k[3] += chosen(finite, 1.0f / chosen(share > zero + 1e-9f, share, zero + 1e-9f), zero);
            if (step >= steps - steps / 10) k[4] += chosen(finite, share, zero);
            for (int j = 0; j < WIDTH; j++) {
                output[j] -= upper * of_output[j];
                for (int i = 0; i < WIDTH; i++) hidden[j][i] -= lower * of_hidden[j][i];
            }
        }
    }
}
